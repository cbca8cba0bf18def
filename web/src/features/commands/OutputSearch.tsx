// The line in which people look for something in an output.

import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useState } from "react";
import { IconButton } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import type { OutputScreen, ScreenFacts } from "./output";

/** The line; closing it takes the marks away. */
export function OutputSearch({
  screen,
  found,
  sought = "",
  onClose,
}: {
  readonly screen: OutputScreen;
  readonly found: ScreenFacts["found"];
  /** What is looked for at first. */
  readonly sought?: string;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(sought);
  const close = () => {
    screen.find("", "next");
    onClose();
  };
  const words = () => {
    if (text === "" || found === undefined) return "";
    if (found.of === 0) return "Nothing found";
    return found.at === 0 ? `${found.of} found` : `${found.at} of ${found.of}`;
  };
  return (
    <search className="flex items-center gap-1 border-b bg-surface px-3 py-1">
      <TextField
        label="Search in the output"
        hidesLabel
        placeholder="Search in the output"
        autoFocus={sought === ""}
        className="max-w-72 flex-1"
        value={text}
        onChange={({ target }) => {
          setText(target.value);
          screen.find(target.value, "next", true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
          if (event.key === "Enter") screen.find(text, event.shiftKey ? "previous" : "next");
        }}
      />
      <span role="status" className="tabular min-w-20 px-1 text-small text-muted">
        {words()}
      </span>
      <IconButton label="Previous" size="small" onClick={() => screen.find(text, "previous")}>
        <ChevronUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Next" size="small" onClick={() => screen.find(text, "next")}>
        <ChevronDown aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Close the search" size="small" onClick={close}>
        <X aria-hidden className="size-4" />
      </IconButton>
    </search>
  );
}
