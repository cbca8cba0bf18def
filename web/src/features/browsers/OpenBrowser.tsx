// Asks where to begin and how large the page is to be, and opens a session's browser.

import { useBrowserActs } from "@/api/browsers";
import { SelectField, TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { addressOf } from "./AddressBar";

const SIZES = [
  { value: "1280x720", label: "Desk, 1280 × 720" },
  { value: "1440x900", label: "Large desk, 1440 × 900" },
  { value: "820x1180", label: "Tablet, 820 × 1180" },
  { value: "390x844", label: "Phone, 390 × 844" },
] as const;

/** See the top of the file. */
export function OpenBrowser({
  session,
  isOpen,
  onClose,
  onOpened,
}: {
  /** Whose browser, and what people call it. */
  readonly session: { readonly id: string; readonly name: string };
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** It is being opened. */
  readonly onOpened?: () => void;
}) {
  const acts = useBrowserActs(session.id);
  return (
    <FormDialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Open a browser in ${session.name}`}
      description="It runs on the session's machine, as long as the session does."
      action="Open"
      onSubmit={async (field) => {
        const [width, height] = field("size").split("x").map(Number);
        const url = field("url");
        await acts.open({
          ...(url === "" ? {} : { url: addressOf(url) }),
          ...(width === undefined || height === undefined ? {} : { width, height }),
        });
        onOpened?.();
      }}
    >
      <TextField
        label="Address"
        name="url"
        inputMode="url"
        autoCapitalize="off"
        autoComplete="off"
        placeholder="https://example.com"
        hint="An empty page if nothing stands here."
      />
      <SelectField label="Size of the page" name="size" options={SIZES} />
    </FormDialog>
  );
}
