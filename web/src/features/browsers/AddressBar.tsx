// Where the browser is, and where to go next: back, forward, reload, an address.

import { ArrowLeft, ArrowRight, RotateCw } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useBrowserActs, type Way } from "@/api/browsers";
import { IconButton } from "@/ui/Button";
import { inputLook } from "@/ui/Field";
import { tellFailure } from "@/ui/Toasts";

/** What people type, as an address: without a scheme it is of the web. */
export function addressOf(typed: string): string {
  const text = typed.trim();
  if (/^[a-z][a-z\d+.-]*:(?!\d+(\/|$))/i.test(text)) return text;
  const isLocal = /^(localhost|127\.|\[::1\])/.test(text);
  return `${isLocal ? "http" : "https"}://${text}`;
}

/** See the top of the file. Only whoever steers goes anywhere. */
export function AddressBar({
  sessionId,
  url,
  isMine,
}: {
  readonly sessionId: string;
  readonly url: string;
  readonly isMine: boolean;
}) {
  const acts = useBrowserActs(sessionId);
  const [typed, setTyped] = useState<string>();
  const field = useRef<HTMLInputElement>(null);
  const go = async (way: Way) => {
    try {
      await acts.go(way);
    } catch (error) {
      tellFailure("The browser did not go there", error);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === undefined || typed.trim() === "") return;
    void go({ url: addressOf(typed) });
    field.current?.blur();
  };
  // What was typed for a browser that somebody else steers now is of no use.
  useEffect(() => {
    if (!isMine) setTyped(undefined);
  }, [isMine]);
  const steps = [
    { action: "back", label: "Back", Icon: ArrowLeft },
    { action: "forward", label: "Forward", Icon: ArrowRight },
    { action: "reload", label: "Reload", Icon: RotateCw },
  ] as const;
  return (
    <form
      onSubmit={submit}
      aria-label="Where the browser is"
      className="flex shrink-0 items-center gap-1 border-b bg-surface px-2 py-1"
    >
      {steps.map(({ action, label, Icon }) => (
        <IconButton
          key={action}
          label={label}
          size="small"
          disabled={!isMine}
          onClick={() => void go({ action })}
        >
          <Icon aria-hidden className="size-4" />
        </IconButton>
      ))}
      <input
        ref={field}
        aria-label="Address"
        value={typed ?? url}
        readOnly={!isMine}
        inputMode="url"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        onFocus={({ target }) => isMine && target.select()}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={() => setTyped(undefined)}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== "Escape") return;
          setTyped(undefined);
          currentTarget.blur();
        }}
        className={`${inputLook} min-w-0 flex-1 font-mono text-small`}
      />
    </form>
  );
}
