// How the fleet is looked at: words, a status with how many there are, an order. All of it in the address.

import { useNavigate } from "@tanstack/react-router";
import type { RefObject } from "react";
import { AgentShape } from "@/features/agents/AgentState";
import { classes } from "@/ui/classes";
import { inputLook } from "@/ui/Field";
import type { Counts } from "./order";
import { type FleetSearch, fleetSearch, SHOWN, type ShownStatus, SORTS } from "./search";

const SORT_WORDS = {
  urgency: "Most urgent first",
  name: "By name",
  activity: "By last activity",
} as const;

function Chip({
  status,
  count,
  isChosen,
  onChoose,
}: {
  readonly status: ShownStatus | undefined;
  readonly count: number;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onChoose}
      className={classes(
        "inline-flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2 text-small whitespace-nowrap touch:h-9",
        isChosen
          ? "border-accent bg-accent-soft font-medium text-accent-ink"
          : "border-transparent text-muted hover:bg-sunken dark:hover:bg-raised",
      )}
    >
      {status !== undefined && status !== "held" && <AgentShape status={status} />}
      {status ?? "all"}
      <span className="tabular font-semibold">{count}</span>
    </button>
  );
}

/** The line of filters. */
export function Filters({
  search,
  counts,
  filter,
}: {
  readonly search: FleetSearch;
  readonly counts: Counts;
  readonly filter: RefObject<HTMLInputElement | null>;
}) {
  const navigate = useNavigate();
  const change = (to: Partial<Record<keyof FleetSearch, string | undefined>>) =>
    void navigate({ to: "/", search: fleetSearch({ ...search, ...to }), replace: true });
  return (
    <search className="flex flex-wrap items-center gap-2">
      <input
        ref={filter}
        type="search"
        aria-label="Filter agents"
        placeholder="Filter by name, machine, command  ( / )"
        className={classes(inputLook, "w-72! max-sm:w-full!")}
        value={search.q ?? ""}
        onChange={({ target }) => change({ q: target.value === "" ? undefined : target.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div className="flex min-w-0 flex-wrap gap-0.5">
        <Chip
          status={undefined}
          count={counts.all}
          isChosen={search.status === undefined}
          onChoose={() => change({ status: undefined })}
        />
        {SHOWN.filter((status) => counts[status] > 0 || status === search.status).map((status) => (
          <Chip
            key={status}
            status={status}
            count={counts[status]}
            isChosen={search.status === status}
            onChoose={() => change({ status: search.status === status ? undefined : status })}
          />
        ))}
      </div>
      <select
        aria-label="Order"
        className={classes(inputLook, "ml-auto w-auto! max-sm:hidden")}
        value={search.sort ?? "urgency"}
        onChange={({ target }) =>
          change({ sort: target.value === "urgency" ? undefined : target.value })
        }
      >
        {SORTS.map((sort) => (
          <option key={sort} value={sort}>
            {SORT_WORDS[sort]}
          </option>
        ))}
      </select>
    </search>
  );
}
