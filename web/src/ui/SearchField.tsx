// A field that narrows down what a view shows, as it is typed.

import { Search, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { inputLook } from "./Field";
import { isWriting } from "./writing";

/** `label` says what is searched. "/" leads into it, Escape empties it. */
export function SearchField({
  label,
  value,
  onChange,
  className,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly className?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key !== "/" || !isPlain || isWriting(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  return (
    <div className={classes("relative w-56", className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.stopPropagation();
          onChange("");
        }}
        className={classes(inputLook, "pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden")}
      />
      {value !== "" && (
        <IconButton
          label="Clear"
          size="small"
          className="absolute top-1/2 right-0.5 -translate-y-1/2"
          onClick={() => {
            onChange("");
            input.current?.focus();
          }}
        >
          <X aria-hidden className="size-3.5" />
        </IconButton>
      )}
    </div>
  );
}
