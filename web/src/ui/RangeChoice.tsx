// The filter by time: a preset, or a beginning and an end of one's own.

import { classes } from "./classes";
import { inputLook } from "./Field";
import { FilterChoice } from "./FilterChoice";
import { fieldOf, PRESETS, type Range } from "./ranges";

const OPTIONS = [...PRESETS, { value: "own", label: "From … to …" }];

/** Beside "Last hour" a day back is where one's own range begins. */
const DAY_MS = 24 * 60 * 60 * 1000;

/** A filter by time. */
export function RangeChoice({
  value,
  onChange,
  now = Date.now,
}: {
  readonly value: Range;
  readonly onChange: (range: Range) => void;
  readonly now?: () => number;
}) {
  const { range, from, to } = value;
  const isOwn = range === undefined && (from !== undefined || to !== undefined);
  const field = classes(inputLook, "w-auto! touch:min-w-0 text-small");
  const choose = (chosen: string | undefined) => {
    const preset = PRESETS.find((one) => one.value === chosen);
    if (preset !== undefined) onChange({ range: preset.value });
    else if (chosen === "own") onChange({ from: fieldOf(now() - DAY_MS), to: fieldOf(now()) });
    else onChange({});
  };
  return (
    <>
      <FilterChoice
        label="Time"
        any="any time"
        value={range ?? (isOwn ? "own" : undefined)}
        options={OPTIONS}
        onChange={choose}
      />
      {isOwn && (
        <span className="flex flex-wrap items-center gap-1 text-small text-muted">
          <input
            type="datetime-local"
            aria-label="From"
            className={classes(field, "h-7!")}
            value={from ?? ""}
            onChange={({ target }) => onChange({ ...value, from: target.value })}
          />
          –
          <input
            type="datetime-local"
            aria-label="To"
            className={classes(field, "h-7!")}
            value={to ?? ""}
            onChange={({ target }) => onChange({ ...value, to: target.value })}
          />
        </span>
      )}
    </>
  );
}
