// One filter of a list: a button that says what it is narrowed down to, and opens the choices.

import { Combobox } from "@base-ui/react/combobox";
import { ChevronDown } from "lucide-react";
import { classes } from "./classes";

/** One choice. */
export interface FilterOption {
  readonly value: string;
  readonly label: string;
  /** Behind the label. */
  readonly hint?: string;
}

/** From so many on, choices are found by typing. */
const MANY = 7;

const LOOK =
  "inline-flex h-7 max-w-64 shrink-0 items-center gap-1 rounded-md border px-2 text-small whitespace-nowrap touch:h-9";

/** A filter; an empty value is no filter. */
export function FilterChoice({
  label,
  value,
  options,
  any = "any",
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly FilterOption[];
  /** What it says when it filters nothing. */
  readonly any?: string;
  readonly onChange: (value: string | undefined) => void;
}) {
  const none: FilterOption = { value: "", label: `${any[0]?.toUpperCase()}${any.slice(1)}` };
  // What an address says is shown also when it is in no list.
  const isKnown = value === undefined || options.some((option) => option.value === value);
  const items = [none, ...(isKnown ? [] : [{ value, label: value }]), ...options];
  const chosen = items.find((item) => item.value === (value ?? "")) ?? none;
  const isSet = value !== undefined;
  return (
    <Combobox.Root
      items={items}
      value={chosen}
      onValueChange={(item: FilterOption | null) => onChange(item?.value || undefined)}
      isItemEqualToValue={(one: FilterOption, other: FilterOption) => one.value === other.value}
      autoHighlight
    >
      <Combobox.Trigger
        aria-label={`${label}: ${isSet ? chosen.label : any}`}
        className={classes(
          LOOK,
          isSet
            ? "border-accent bg-accent-soft font-medium text-accent-ink"
            : "border-line-strong/60 bg-surface text-muted hover:bg-sunken dark:bg-raised",
        )}
      >
        <span className={classes(isSet && "sr-only sm:not-sr-only")}>{label}</span>
        {isSet && <span className="truncate">{chosen.label}</span>}
        <ChevronDown aria-hidden className="size-3.5 shrink-0" />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner align="start" sideOffset={4} className="z-50 outline-none">
          <Combobox.Popup
            aria-label={label}
            className="flex max-h-80 min-w-48 max-w-80 flex-col rounded-md border bg-raised p-1 shadow-float outline-none"
          >
            <Combobox.Input
              aria-label={`Find: ${label}`}
              placeholder="Type to find"
              className={classes(
                "mb-1 h-8 rounded-sm bg-transparent px-2 outline-none touch:h-10",
                items.length <= MANY && "sr-only",
              )}
            />
            <Combobox.Empty>
              <p className="px-2 py-1.5 text-muted empty:hidden">Nothing is called that.</p>
            </Combobox.Empty>
            <Combobox.List className="min-h-0 overflow-auto outline-none">
              {(item: FilterOption) => (
                <Combobox.Item
                  key={item.value}
                  value={item}
                  className="flex h-8 cursor-default items-center gap-2 rounded-sm px-2 select-none touch:h-10 data-[highlighted]:bg-accent-soft"
                >
                  <span className="min-w-0 flex-1 truncate">{item.label}</span>
                  {item.hint !== undefined && (
                    <span className="shrink-0 text-tiny text-faint">{item.hint}</span>
                  )}
                  <Combobox.ItemIndicator aria-hidden>✓</Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
