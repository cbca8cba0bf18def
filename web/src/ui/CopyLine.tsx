// A line to be copied, with the button that does.

import { Copy } from "lucide-react";
import { IconButton } from "./Button";
import { tell, tellFailure } from "./Toasts";

/** The line. */
export function CopyLine({ line }: { readonly line: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      tell("Copied");
    } catch (error) {
      tellFailure("That was not copied", error);
    }
  };
  return (
    <div className="flex items-center gap-1 rounded-md border bg-surface pl-2.5">
      <code className="min-w-0 flex-1 overflow-x-auto py-1.5 font-mono text-small whitespace-nowrap text-ink">
        {line}
      </code>
      <IconButton label="Copy this line" size="small" onClick={copy}>
        <Copy aria-hidden className="size-3.5" />
      </IconButton>
    </div>
  );
}
