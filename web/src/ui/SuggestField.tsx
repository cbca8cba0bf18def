// A field of one line that suggests what may be meant; anything else can be written too.

import { Autocomplete } from "@base-ui/react/autocomplete";
import { type ReactNode, useMemo, useState } from "react";
import { classes } from "./classes";
import { type Around, Frame, inputLook } from "./Field";

/** Something that is suggested. */
export interface Suggestion {
  readonly value: string;
  /** Behind it, such as where it is known from. */
  readonly hint?: string;
}

/** The field. */
export function SuggestField({
  label,
  hidesLabel,
  hint,
  problem,
  className,
  value,
  onChange,
  suggestions,
  placeholder,
  isMono = false,
}: Around & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly suggestions: readonly Suggestion[];
  readonly placeholder?: string;
  readonly isMono?: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  // Who only looks is shown everything; who writes is shown what has that in it.
  const [written, setWritten] = useState("");
  const found = useMemo(
    () => suggestions.filter((one) => one.value.toLowerCase().includes(written.toLowerCase())),
    [suggestions, written],
  );
  return (
    <Frame {...{ label, hint, problem, className }} hidesLabel={hidesLabel ?? false}>
      <Autocomplete.Root
        items={found}
        filter={null}
        open={isOpen && found.length > 0}
        onOpenChange={(open) => {
          setOpen(open);
          if (!open) setWritten("");
        }}
        itemToStringValue={(item: Suggestion) => item.value}
        value={value}
        onValueChange={(next, { reason }) => {
          onChange(next);
          if (reason !== "item-press") setWritten(next);
        }}
        openOnInputClick
      >
        <Autocomplete.Input
          placeholder={placeholder}
          spellCheck={false}
          autoCapitalize="off"
          className={classes(inputLook, isMono && "font-mono")}
        />
        <Autocomplete.Portal>
          <Autocomplete.Positioner sideOffset={4} className="z-50 outline-none">
            <Autocomplete.Popup className="max-h-[min(16rem,var(--available-height))] w-[var(--anchor-width)] overflow-auto rounded-md border bg-raised p-1 shadow-float">
              <Autocomplete.List>
                {(item: Suggestion) => (
                  <Autocomplete.Item key={item.value} value={item} className={ITEM}>
                    <span className={classes("min-w-0 flex-1 truncate", isMono && "font-mono")}>
                      {item.value}
                    </span>
                    <Hint>{item.hint}</Hint>
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
    </Frame>
  );
}

const ITEM =
  "flex h-8 cursor-default items-center gap-2 rounded-sm px-2 outline-none select-none data-[highlighted]:bg-accent-soft touch:h-10";

const Hint = ({ children }: { readonly children: ReactNode }) =>
  children === undefined ? null : <span className="shrink-0 text-tiny text-faint">{children}</span>;
