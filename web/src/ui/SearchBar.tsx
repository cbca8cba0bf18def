// The field that a list is searched with. "/" leads there from anywhere on the page.

import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Kbd } from "./Badge";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { inputLook } from "./Field";
import { isWriting } from "./writing";

/** After the last key, so long until it is searched. */
const PAUSE_MS = 250;

/** Searches while one types. `value` is what is searched for now. */
export function SearchBar({
  label,
  placeholder,
  value,
  onSearch,
  onLeave,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
  /** Down was pressed: the keyboard goes on in the list. */
  readonly onLeave?: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  // The address has changed otherwise, such as by going back.
  if (value !== told) {
    setTold(value);
    if (value !== text.trim()) setText(value);
  }
  const search = (next: string) => {
    setTold(next.trim());
    onSearch(next.trim());
  };
  useEffect(() => {
    if (text.trim() === told) return;
    const timer = setTimeout(() => {
      setTold(text.trim());
      onSearch(text.trim());
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, told, onSearch]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || isWriting(event.target)) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  const keyed = ({ key, preventDefault }: { key: string; preventDefault: () => void }) => {
    if (key === "Enter") search(text);
    if (key === "Escape" && text !== "") {
      setText("");
      search("");
    }
    if (key === "ArrowDown") {
      preventDefault();
      onLeave?.();
    }
  };
  return (
    <search className="relative min-w-0 flex-1">
      <Search
        aria-hidden
        className="absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <input
        ref={field}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) =>
          keyed({ key: event.key, preventDefault: () => event.preventDefault() })
        }
        className={classes(inputLook, "h-9! pr-9 pl-8 text-large")}
      />
      <span className="absolute top-1/2 right-1.5 -translate-y-1/2">
        {text === "" ? (
          <Kbd>/</Kbd>
        ) : (
          <IconButton
            label="Clear the search"
            size="small"
            onClick={() => {
              setText("");
              search("");
              field.current?.focus();
            }}
          >
            <X aria-hidden className="size-4" />
          </IconButton>
        )}
      </span>
    </search>
  );
}
