// Text to take along: a secret that is shown once, a command line to run elsewhere.

import { Check, Copy as CopyPicture } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { tellFailure } from "./Toasts";

const SAID_MS = 2000;

function useCopy(text: string) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      // Pages that came over plain http have no clipboard.
      tellFailure("That could not be copied", "Select the text and copy it by hand.");
    }
  };
  return { isCopied, copy };
}

/** A button that copies. */
function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { isCopied, copy } = useCopy(text);
  return (
    <>
      <IconButton label={label} size="small" onClick={copy}>
        {isCopied ? (
          <Check aria-hidden className="size-3.5 text-ok" />
        ) : (
          <CopyPicture aria-hidden className="size-3.5" />
        )}
      </IconButton>
      <span role="status" className="sr-only">
        {isCopied ? "Copied" : ""}
      </span>
    </>
  );
}

/** Text in a box, with a button that copies it. `label` names it. */
export function CopyBox({
  label,
  text,
  isProminent = false,
}: {
  readonly label: string;
  readonly text: string;
  /** Whether the button says "Copy" in words: for what is shown once. */
  readonly isProminent?: boolean;
}) {
  const { isCopied, copy } = useCopy(text);
  return (
    <div className="flex flex-col gap-1">
      <span className="text-small font-medium text-muted">{label}</span>
      <div className="flex items-start gap-1 rounded-md border bg-sunken p-1 pl-2.5">
        <output
          aria-label={label}
          className="min-w-0 flex-1 py-1 font-mono text-small leading-5 wrap-anywhere whitespace-pre-wrap select-all"
        >
          {text}
        </output>
        {isProminent ? (
          <Button size="small" onClick={copy} aria-label={`Copy: ${label}`}>
            {isCopied ? "Copied" : "Copy"}
          </Button>
        ) : (
          <CopyButton text={text} label={`Copy: ${label}`} />
        )}
      </div>
    </div>
  );
}
