// What is searched: commands, output or the audit, with how many of each fit.

import { Link } from "@tanstack/react-router";
import { classes } from "@/ui/classes";
import type { HistorySearch } from "./search";

/** How many are known, and whether there are more. */
export interface Tally {
  readonly count: number;
  readonly isMore: boolean;
}

/** One kind. */
export interface Kind {
  readonly kind: HistorySearch["kind"];
  readonly label: string;
  readonly tally: Tally | undefined;
}

/** Links between kinds; words and filters stay. */
export function Kinds({
  kinds,
  shown,
}: {
  readonly kinds: readonly Kind[];
  readonly shown: HistorySearch["kind"];
}) {
  return (
    <nav aria-label="What to search" className="-mx-2.5 flex gap-1">
      {kinds.map(({ kind, label, tally }) => (
        <Link
          key={label}
          from="/history"
          to="/history"
          search={({ kind: _, ...search }) => (kind === undefined ? search : { ...search, kind })}
          aria-current={kind === shown ? "page" : undefined}
          className={classes(
            "flex h-9 items-center gap-2 border-b-2 px-2.5 font-medium",
            kind === shown
              ? "border-accent text-ink"
              : "border-transparent text-muted hover:text-ink",
          )}
        >
          {label}{" "}
          {tally !== undefined && (
            <span className="tabular text-small font-normal text-faint">
              {tally.count.toLocaleString("en")}
              {tally.isMore && "+"}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
