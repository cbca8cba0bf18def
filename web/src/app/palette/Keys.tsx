// The keys that work everywhere, as a dialog that "?" opens.

import { create } from "zustand";
import { Kbd } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { KEYS } from "./keyboard";

/** Whether the dialog is open. */
export const useKeysDialog = create<{ readonly isOpen: boolean }>()(() => ({ isOpen: false }));

/** The tables. */
export function KeyTables() {
  return (
    <div className="gap-x-8 sm:columns-2">
      {KEYS.map(({ title, lines }) => (
        <table key={title} className="mb-5 w-full break-inside-avoid border-collapse">
          <caption className="pb-1 text-left text-small font-medium text-faint">{title}</caption>
          <tbody>
            {lines.map(({ keys, does }) => (
              <tr key={does} className="border-t">
                <th scope="row" className="py-1.5 text-left font-normal">
                  {does}
                </th>
                <td className="py-1.5 pl-3 text-right whitespace-nowrap">
                  {keys.map((key, index) => (
                    <span key={key}>
                      {index > 0 && <span className="text-small text-faint"> then </span>}
                      <Kbd>{key}</Kbd>
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

/** The dialog. */
export function Keys() {
  const { isOpen } = useKeysDialog();
  const close = () => useKeysDialog.setState({ isOpen: false });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={close}
      title="Keys"
      isReading
      footer={<Button onClick={close}>Close</Button>}
    >
      <KeyTables />
    </Dialog>
  );
}
