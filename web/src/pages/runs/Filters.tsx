// What the list is narrowed down to.

import type { Run } from "pilothouse-client";
import { useMemo } from "react";
import { useServer } from "@/api/server";
import { useFleet } from "@/live/fleet";
import { FilterChoice } from "@/ui/FilterChoice";
import { type RunFilter, type RunsSearch, STATUSES } from "./search";

/** Changes filters; what is `undefined` goes. */
export type Narrow = (
  change: { readonly [Name in keyof RunsSearch]?: RunsSearch[Name] | undefined },
) => void;

const KINDS = Object.entries(STATUSES).map(([value, { label }]) => ({ value, label }));
const isFilter = (value: string | undefined): value is RunFilter =>
  value !== undefined && Object.hasOwn(STATUSES, value);

/** The filters. */
export function Filters({
  search,
  narrow,
  runs,
}: {
  readonly search: RunsSearch;
  readonly narrow: Narrow;
  /** Those that stand in the list. */
  readonly runs: readonly Run[];
}) {
  const { user } = useServer();
  const fleet = useFleet().data;
  const agents = useMemo(
    () =>
      [...(fleet?.values() ?? [])]
        .filter(({ agent }) => agent.capabilities.includes("browser"))
        .map(({ agent }) => ({ value: agent.agentId, label: agent.name, hint: agent.status })),
    [fleet],
  );
  const people = useMemo(() => {
    const seen = new Map(runs.map(({ userId, requestedBy }) => [userId, requestedBy]));
    seen.delete(user.id);
    const others = [...seen].map(([value, label]) => ({ value, label }));
    return [{ value: user.id, label: user.name, hint: "you" }, ...others];
  }, [runs, user]);
  return (
    <>
      <FilterChoice
        label="State"
        any="any state"
        value={search.status}
        options={KINDS}
        onChange={(status) => narrow({ status: isFilter(status) ? status : undefined })}
      />
      <FilterChoice
        label="Agent"
        any="any agent"
        value={search.agent}
        options={agents}
        onChange={(agent) => narrow({ agent })}
      />
      <FilterChoice
        label="Asked by"
        any="anybody"
        value={search.by}
        options={people}
        onChange={(by) => narrow({ by })}
      />
    </>
  );
}
