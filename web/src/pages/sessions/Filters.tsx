// Narrows the list down: by words, by how sessions stand, agent and kind. All of it is in the address.

import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { SESSION_STANDINGS, type SessionStanding } from "@/features/sessions/standing";
import { classes } from "@/ui/classes";
import { inputLook } from "@/ui/Field";
import type { SessionsSearch } from "./search";

/** The filters. */
export function Filters({
  search,
  onChange,
  counts,
  agents,
}: {
  readonly search: SessionsSearch;
  readonly onChange: (change: Partial<Record<keyof SessionsSearch, string | undefined>>) => void;
  /** Of all sessions, narrowed down by everything but their standing. */
  readonly counts: ReadonlyMap<SessionStanding, number>;
  readonly agents: readonly { readonly id: string; readonly name: string }[];
}) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Words value={search.q ?? ""} onChange={(q) => onChange({ q })} />
      <div className="flex min-w-0 items-center gap-2 max-sm:-mx-4 max-sm:w-screen max-sm:overflow-x-auto max-sm:px-4 max-sm:[scrollbar-width:none]">
        <StandingFilter
          chosen={search.standing}
          counts={counts}
          onChoose={(standing) => onChange({ standing })}
        />
        <div className="flex shrink-0 gap-2">
          {agents.length > 1 && (
            <Choice
              label="Agent"
              value={search.agent ?? ""}
              onChange={(agent) => onChange({ agent })}
              options={[
                { value: "", label: "All agents" },
                ...agents.map(({ id, name }) => ({ value: id, label: name })),
              ]}
            />
          )}
          <Choice
            label="Kind"
            value={search.kind ?? ""}
            onChange={(kind) => onChange({ kind })}
            options={[
              { value: "", label: "All kinds" },
              { value: "quick", label: "Folders" },
              { value: "worktree", label: "Worktrees" },
            ]}
          />
          <Choice
            label="Order"
            value={search.order ?? ""}
            onChange={(order) => onChange({ order })}
            options={[
              { value: "", label: "By state" },
              { value: "newest", label: "Newest first" },
              { value: "name", label: "By name" },
            ]}
          />
        </div>
      </div>
    </div>
  );
}

/** How long typing may pause before the address follows. */
const PAUSE_MS = 150;

function Words({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (q: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed === known) return;
    const timer = setTimeout(() => onChange(typed === "" ? undefined : typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, known, onChange]);
  return (
    <label className="relative w-64 max-sm:w-full">
      <span className="sr-only">Find sessions</span>
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-faint"
      />
      <input
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder="Name, folder, branch, agent"
        className={classes(inputLook, "pl-8")}
      />
    </label>
  );
}

function StandingFilter({
  chosen,
  counts,
  onChoose,
}: {
  readonly chosen: SessionStanding | undefined;
  readonly counts: ReadonlyMap<SessionStanding, number>;
  readonly onChoose: (standing: SessionStanding | undefined) => void;
}) {
  return (
    <fieldset className="flex shrink-0 gap-1">
      <legend className="sr-only">State</legend>
      {SESSION_STANDINGS.map(({ id, words }) => {
        const count = counts.get(id) ?? 0;
        const isChosen = chosen === id;
        return (
          <button
            key={id}
            type="button"
            aria-pressed={isChosen}
            onClick={() => onChoose(isChosen ? undefined : id)}
            className={classes(
              "flex h-8 shrink-0 items-center gap-1.5 rounded-md border px-2.5 whitespace-nowrap touch:h-10",
              isChosen
                ? "border-accent bg-accent-soft font-medium text-accent-ink"
                : "border-transparent text-muted hover:bg-sunken dark:hover:bg-raised",
            )}
          >
            {words}
            <span
              className={classes(
                "tabular text-small",
                id === "asking" && count > 0 ? "font-semibold text-warn" : "text-faint",
              )}
            >
              {count}
            </span>
          </button>
        );
      })}
    </fieldset>
  );
}

function Choice({
  label,
  value,
  onChange,
  options,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string | undefined) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.target.value === "" ? undefined : event.target.value)}
      className={classes(inputLook, "w-auto max-w-48")}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
