// Asks before several lines are pasted that would run at once.

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

/** So many lines are shown; whoever pastes more sees how it begins. */
const MOST_LINES = 12;

/** See the top of the file. */
export function PasteDialog({
  text,
  onDecide,
}: {
  readonly text: string;
  readonly onDecide: (isYes: boolean) => void;
}) {
  const lines = text.replace(/\r?\n$/, "").split(/\r\n|\r|\n/);
  return (
    <Dialog
      isOpen
      onClose={() => onDecide(false)}
      title={`Paste ${lines.length} lines?`}
      description="What runs here takes each line as if Enter were pressed after it."
      footer={
        <>
          <Button onClick={() => onDecide(false)}>Cancel</Button>
          <Button kind="primary" autoFocus onClick={() => onDecide(true)}>
            Paste
          </Button>
        </>
      }
    >
      <pre className="max-h-64 overflow-auto rounded-md bg-sunken p-2 font-mono text-small">
        {lines.slice(0, MOST_LINES).join("\n")}
      </pre>
      {lines.length > MOST_LINES && (
        <p className="mt-1 text-small text-muted">and {lines.length - MOST_LINES} more lines</p>
      )}
    </Dialog>
  );
}
