// The preferences of terminals, beside a terminal that shows at once what they do.

import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { PreferencesForm } from "./PreferencesForm";

/** See the top of the file. */
export function PreferencesDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Terminals"
      description="How they look and behave on this device."
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <PreferencesForm />
    </Dialog>
  );
}
