// For screens that are touched: the keyboard when it is wanted, the keys that it has not, and pasting.

import { ClipboardPaste, Keyboard } from "lucide-react";
import type { RefObject } from "react";
import { Button, IconButton } from "@/ui/Button";
import { tellFailure } from "@/ui/Toasts";
import { pressOf } from "./steering/keys";
import type { Watching } from "./watching";

const KEYS = [
  { key: "Escape", label: "Esc", words: "Esc" },
  { key: "Tab", label: "Tab", words: "Tab" },
  { key: "Enter", label: "Enter", words: "⏎" },
  { key: "ArrowLeft", label: "Left", words: "←" },
  { key: "ArrowUp", label: "Up", words: "↑" },
  { key: "ArrowDown", label: "Down", words: "↓" },
  { key: "ArrowRight", label: "Right", words: "→" },
] as const;

/** See the top of the file. */
export function PhoneKeys({
  watching,
  field,
}: {
  readonly watching: Watching;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}) {
  const paste = async () => {
    try {
      watching.client.paste(await navigator.clipboard.readText());
    } catch (error) {
      tellFailure("Nothing could be pasted", error);
    }
  };
  return (
    <div
      role="toolbar"
      aria-label="Keys"
      className="hidden shrink-0 gap-1 overflow-x-auto border-t bg-surface p-1 touch:flex"
    >
      <IconButton label="Keyboard" onClick={() => field.current?.focus({ preventScroll: true })}>
        <Keyboard aria-hidden className="size-5" />
      </IconButton>
      <IconButton label="Paste" onClick={() => void paste()}>
        <ClipboardPaste aria-hidden className="size-5" />
      </IconButton>
      {KEYS.map(({ key, label, words }) => (
        <Button
          key={key}
          kind="quiet"
          aria-label={label}
          // The keyboard on the screen stays where it is.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            for (const input of pressOf(key)) watching.client.input(input);
          }}
          className="min-w-10 px-2!"
        >
          {words}
        </Button>
      ))}
    </div>
  );
}
