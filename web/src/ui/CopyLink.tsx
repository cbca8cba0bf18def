// Takes the address of what is shown along.

import { Link2 } from "lucide-react";
import { Button } from "./Button";
import { tell, tellFailure } from "./Toasts";

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    tell("The link is copied");
  } catch {
    // Pages that came over plain http have no clipboard.
    tellFailure("The link could not be copied", "Copy it from the address bar.");
  }
}

/** A button for it. */
export const CopyLink = () => (
  <Button kind="quiet" icon={<Link2 aria-hidden className="size-4" />} onClick={copy}>
    Copy link
  </Button>
);
