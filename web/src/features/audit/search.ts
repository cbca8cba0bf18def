// What an address says about the audit: the filters.

import { type Address, oneOf, present, text } from "@/api/address";
import { limitsOf, rangeOf } from "@/ui/ranges";

/** How it went. */
export const RESULTS = ["success", "failure", "denied"] as const;

/** Makes sense of it. */
export function auditSearch(address: Address) {
  return {
    ...present({
      q: text(address.q),
      /** A user's id. */
      user: text(address.user),
      action: text(address.action),
      agent: text(address.agent),
      result: oneOf(address.result, RESULTS),
    }),
    ...rangeOf(address),
  };
}

/** Filters of the audit. */
export type AuditSearch = ReturnType<typeof auditSearch>;

/** The filters as requests have them. */
export const auditQuery = (
  { q, user, action, agent, result, ...range }: AuditSearch,
  now: number,
) => ({
  ...present({ q, userId: user, action, agentId: agent, result }),
  ...limitsOf(range, now),
});
