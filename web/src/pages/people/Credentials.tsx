// What somebody has to be told so that they can sign in. Shown once.

import { serverUrl } from "@/api/place";
import { Button } from "@/ui/Button";
import { CopyBox } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";

/** The dialog, open for as long as it is there. */
export function Credentials({
  title,
  username,
  password,
  onClose,
}: {
  readonly title: string;
  readonly username: string;
  readonly password: string;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="narrow"
      title={title}
      description="Tell them these. The password is not shown again, and they can change it in their settings."
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        <CopyBox label="Address" text={serverUrl} />
        <CopyBox label="Username" text={username} />
        <CopyBox label="Password" text={password} isProminent />
      </div>
    </Dialog>
  );
}
