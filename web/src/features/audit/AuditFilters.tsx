// What the audit is narrowed down to: who, what, which agent, how it went, when.

import { useQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useMemo } from "react";
import { present } from "@/api/address";
import { keys } from "@/api/keys";
import { useMay, useServer } from "@/api/server";
import { useFleet } from "@/live/fleet";
import { FilterChoice } from "@/ui/FilterChoice";
import { RangeChoice } from "@/ui/RangeChoice";
import { ACTIONS } from "./actions";
import { type AuditSearch, RESULTS } from "./search";

const ACTION_OPTIONS = Object.entries(ACTIONS).map(([value, label]) => ({
  value,
  label,
  hint: value.split(".")[0] ?? "",
}));

const RESULT_OPTIONS = [
  { value: "success", label: "Done" },
  { value: "failure", label: "Failed" },
  { value: "denied", label: "Refused" },
];

/** Changes filters; what is `undefined` goes. */
export type NarrowAudit = (
  change: {
    readonly [Name in keyof AuditSearch]?: AuditSearch[Name] | undefined;
  },
) => void;

/** Accounts, and whoever else stands in the records, such as tokens without an account. */
function usePeople(records: readonly rest.AuditShape[]) {
  const { rest } = useServer();
  const { administer } = useMay();
  const users = useQuery({
    queryKey: keys.pages("GET /api/v1/users", { limit: 1000, first: true }),
    queryFn: ({ signal }) => rest.call("GET /api/v1/users", { query: { limit: 1000 }, signal }),
    enabled: administer,
  });
  return useMemo(() => {
    const names = new Map(users.data?.users.map(({ id, name }) => [id, name]));
    for (const { userId, userName } of records) {
      if (!names.has(userId)) names.set(userId, userName);
    }
    return [...names].map(([value, label]) => ({ value, label }));
  }, [users.data, records]);
}

/** The filters. */
export function AuditFilters({
  search,
  narrow,
  records,
}: {
  readonly search: AuditSearch;
  readonly narrow: NarrowAudit;
  readonly records: readonly rest.AuditShape[];
}) {
  const people = usePeople(records);
  const fleet = useFleet().data;
  const agents = useMemo(
    () =>
      [...(fleet?.values() ?? [])].map(({ agent }) => ({
        value: agent.agentId,
        label: agent.name,
      })),
    [fleet],
  );
  const { user, action, agent, result, range, from, to } = search;
  return (
    <>
      <FilterChoice
        label="Who"
        any="anybody"
        value={user}
        options={people}
        onChange={(chosen) => narrow({ user: chosen })}
      />
      <FilterChoice
        label="What"
        any="anything"
        value={action}
        options={ACTION_OPTIONS}
        onChange={(chosen) => narrow({ action: chosen })}
      />
      <FilterChoice
        label="Agent"
        any="any agent"
        value={agent}
        options={agents}
        onChange={(chosen) => narrow({ agent: chosen })}
      />
      <FilterChoice
        label="Result"
        any="any result"
        value={result}
        options={RESULT_OPTIONS}
        onChange={(chosen) => narrow({ result: RESULTS.find((one) => one === chosen) })}
      />
      <RangeChoice
        value={present({ range, from, to })}
        onChange={(chosen) =>
          narrow({ range: undefined, from: undefined, to: undefined, ...chosen })
        }
      />
    </>
  );
}
