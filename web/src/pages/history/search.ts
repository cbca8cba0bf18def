// What an address says about history: which kind, words and filters. The same address shows the same list to everybody.

import { type Address, oneOf, present, text } from "@/api/address";
import { auditSearch } from "@/features/audit/search";
import { limitsOf, rangeOf } from "@/ui/ranges";

/** How commands are, as filters have it; two of them go together. */
export const STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "interrupted",
  "failed,interrupted",
] as const;

/** Makes sense of it. */
export function historySearch(address: Address) {
  return {
    ...auditSearch(address),
    ...present({
      /** Commands if absent. */
      kind: oneOf(address.kind, ["output", "audit"]),
      status: oneOf(address.status, STATUSES),
      /** The name of whoever asked for it. */
      by: text(address.by),
    }),
    ...rangeOf(address),
  };
}

/** What is shown. */
export type HistorySearch = ReturnType<typeof historySearch>;

/** The filters of commands as requests have them. */
export const commandsQuery = (
  { q, agent, status, by, range, from, to }: HistorySearch,
  now: number,
) => ({
  ...present({ q, agentId: agent, status, requestedBy: by }),
  ...limitsOf(present({ range, from, to }), now),
});

/** The filters of output as requests have them, but for the words. */
export const outputQuery = ({ agent }: HistorySearch) => present({ agentId: agent });

/** Whether anything is filtered, beside words. */
export const isNarrowed = ({ q: _, kind: __, ...filters }: HistorySearch): boolean =>
  Object.keys(filters).length > 0;
