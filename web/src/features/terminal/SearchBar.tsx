// Searching what a terminal shows and keeps: forward, back, with the number of places.

import { CaseSensitive, ChevronDown, ChevronUp, Regex, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import type { Found } from "./facts";
import type { Screen } from "./screen";

/** See the top of the file. */
export function SearchBar({
  screen,
  found,
  onClose,
}: {
  readonly screen: Pick<Screen, "search">;
  readonly found: Found | undefined;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState("");
  const [options, setOptions] = useState({ isExact: false, isPattern: false });
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => screen.search(text, { ...options, goes: "along" }), [screen, text, options]);
  const go = (goes: "on" | "back") => screen.search(text, { ...options, goes });
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") go(event.shiftKey ? "on" : "back");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search
      aria-label="Search this terminal"
      className="absolute top-2 right-4 z-20 flex max-w-[calc(100%-1.5rem)] items-center gap-0.5 rounded-md border border-line bg-raised p-1 shadow-float"
      onKeyDown={pressed}
    >
      <input
        ref={field}
        type="text"
        aria-label="Search for"
        placeholder="Search"
        spellCheck={false}
        className="h-7 w-44 min-w-0 rounded-sm bg-transparent px-1.5 touch:h-9"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <span role="status" className="px-1 text-small whitespace-nowrap text-muted tabular">
        {text === "" ? "" : countWords(found)}
      </span>
      <Toggle
        label="Upper and lower case as written"
        isOn={options.isExact}
        onToggle={() => setOptions({ ...options, isExact: !options.isExact })}
      >
        <CaseSensitive aria-hidden className="size-4" />
      </Toggle>
      <Toggle
        label="Regular expression"
        isOn={options.isPattern}
        onToggle={() => setOptions({ ...options, isPattern: !options.isPattern })}
      >
        <Regex aria-hidden className="size-3.5" />
      </Toggle>
      <IconButton size="small" label="Previous (Enter)" onClick={() => go("back")}>
        <ChevronUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton size="small" label="Next (Shift+Enter)" onClick={() => go("on")}>
        <ChevronDown aria-hidden className="size-4" />
      </IconButton>
      <IconButton size="small" label="Close the search (Escape)" onClick={onClose}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </search>
  );
}

/** Of how many places which is shown. */
function countWords(found: Found | undefined): string {
  if (found === undefined || found.count === 0) return "None";
  return found.at === 0 ? `${found.count}` : `${found.at} of ${found.count}`;
}

function Toggle({
  label,
  isOn,
  onToggle,
  children,
}: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onToggle: () => void;
  readonly children: React.ReactNode;
}) {
  return (
    <IconButton
      size="small"
      label={label}
      aria-pressed={isOn}
      className={classes(isOn && "bg-accent-soft text-accent-ink")}
      onClick={onToggle}
    >
      {children}
    </IconButton>
  );
}
