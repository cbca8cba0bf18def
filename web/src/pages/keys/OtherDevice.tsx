// A link that lets another browser in, once: for a phone, or a second machine.

import { useState } from "react";
import { serverUrl } from "@/api/place";
import { useServer } from "@/api/server";
import { Button } from "@/ui/Button";
import { CopyBox } from "@/ui/Copy";
import { Dialog } from "@/ui/Dialog";
import { FormDialog } from "@/ui/FormDialog";
import { QrCode } from "@/ui/QrCode";

const HERE = /^(localhost|127\.|\[::1\])/;

/** The dialog, open for as long as it is there. */
export function OtherDevice({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useServer();
  const [link, setLink] = useState<{ readonly url: string; readonly for: string }>();
  if (link === undefined) {
    return (
      <FormDialog
        isOpen
        onClose={onClose}
        title="Open on another device"
        action="Make the link"
        onSubmit={async () => {
          const { code, expiresIn } = await rest.call("POST /api/auth/codes");
          setLink({ url: `${serverUrl}/#code=${code}`, for: expiresIn });
          return false;
        }}
      >
        <p className="text-muted">
          Makes a link that is good once. Whoever opens it first is let in as an administrator
          without an account, for 12 h.
        </p>
        <p className="text-muted">
          People who have an account better sign in there with their name and password.
        </p>
      </FormDialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="narrow"
      title="Open this on the other device"
      description={`Good once, for ${link.for}. Whoever has it may do everything.`}
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-4 pb-2">
        <QrCode text={link.url} label="The link as a picture for a phone's camera" />
        <CopyBox label="Link" text={link.url} isProminent />
        {HERE.test(location.hostname) && (
          <p className="text-warn">
            This page was opened as {location.hostname}, which other devices do not reach. Open it
            by this machine's name first.
          </p>
        )}
      </div>
    </Dialog>
  );
}
