// What a list is narrowed down to. Which filters there are depends on what is listed.

import { useMemo } from "react";
import { present } from "@/api/address";
import { useServer } from "@/api/server";
import { useFleet } from "@/live/fleet";
import { FilterChoice } from "@/ui/FilterChoice";
import { RangeChoice } from "@/ui/RangeChoice";
import { type HistorySearch, STATUSES } from "./search";

const STATUS_WORDS: Record<(typeof STATUSES)[number], string> = {
  queued: "Queued",
  running: "Running",
  completed: "Completed",
  failed: "Failed",
  interrupted: "Interrupted",
  "failed,interrupted": "Failed or interrupted",
};
const STATUS_OPTIONS = STATUSES.map((value) => ({ value, label: STATUS_WORDS[value] }));

/** Changes filters; what is `undefined` goes. */
export type Narrow = (
  change: {
    readonly [Name in keyof HistorySearch]?: HistorySearch[Name] | undefined;
  },
) => void;

/** People who are known to have asked for something, the signed-in one first. */
function usePeople(seen: readonly string[]) {
  const { user } = useServer();
  return useMemo(
    () =>
      [...new Set([user.name, ...seen])].map((name) => ({
        value: name,
        label: name,
        ...(name === user.name ? { hint: "you" } : {}),
      })),
    [user.name, seen],
  );
}

/** The filter by agent, with every agent that is known. */
export function AgentChoice({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (agent: string | undefined) => void;
}) {
  const fleet = useFleet().data;
  const agents = useMemo(
    () =>
      [...(fleet?.values() ?? [])].map(({ agent }) => ({
        value: agent.agentId,
        label: agent.name,
        hint: agent.status,
      })),
    [fleet],
  );
  return (
    <FilterChoice
      label="Agent"
      any="any agent"
      value={value}
      options={agents}
      onChange={onChange}
    />
  );
}

/** The filters. */
export function Filters({
  search,
  narrow,
  requesters,
}: {
  readonly search: HistorySearch;
  readonly narrow: Narrow;
  /** Names of people who stand in the list. */
  readonly requesters: readonly string[];
}) {
  const people = usePeople(requesters);
  const { range, from, to } = search;
  const isCommands = search.kind === undefined;
  return (
    <>
      <AgentChoice value={search.agent} onChange={(agent) => narrow({ agent })} />
      {isCommands && (
        <>
          <FilterChoice
            label="State"
            any="any state"
            value={search.status}
            options={STATUS_OPTIONS}
            onChange={(value) => narrow({ status: STATUSES.find((status) => status === value) })}
          />
          <FilterChoice
            label="Asked by"
            any="anybody"
            value={search.by}
            options={people}
            onChange={(by) => narrow({ by })}
          />
          <RangeChoice
            value={present({ range, from, to })}
            onChange={(chosen) =>
              narrow({ range: undefined, from: undefined, to: undefined, ...chosen })
            }
          />
        </>
      )}
    </>
  );
}
