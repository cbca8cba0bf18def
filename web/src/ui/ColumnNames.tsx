// The names above the columns of a list, for eyes: rows say of themselves what they have.

import { classes } from "./classes";

/** One name over each column. Where the columns stand below each other, as on phones, there are none. */
export function ColumnNames({
  grid,
  names,
  isDense = false,
}: {
  /** The classes that lay out the rows as well. */
  readonly grid: string;
  readonly names: readonly string[];
  /** Whether it is a long list that scrolls beneath them. */
  readonly isDense?: boolean;
}) {
  return (
    <div
      aria-hidden
      className={classes(
        grid,
        "shrink-0 border-b bg-surface font-medium text-faint",
        isDense
          ? "h-7 overflow-hidden text-tiny [scrollbar-gutter:stable] max-lg:hidden"
          : "hidden h-8 text-small",
      )}
    >
      {names.map((name) => (
        <span key={name}>{name}</span>
      ))}
    </div>
  );
}
