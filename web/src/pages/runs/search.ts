// What the address says of the list: which runs, and whether the dialog is open in which one is made. Pure.

import type { RunQuery } from "pilothouse-client";
import { type Address, oneOf, present, text } from "@/api/address";

/** How runs are, as filters have it, with the words of requests. */
export const STATUSES = {
  live: { label: "Not over", status: "PENDING,INPROGRESS" },
  completed: { label: "Completed", status: "COMPLETED" },
  failed: { label: "Failed", status: "FAILED" },
  cancelled: { label: "Cancelled", status: "CANCELLED" },
} as const;

/** One of them. */
export type RunFilter = keyof typeof STATUSES;

const WORDS = ["live", "completed", "failed", "cancelled"] as const satisfies readonly RunFilter[];

/** Makes sense of it. */
export const runsSearch = (address: Address) =>
  present({
    status: oneOf(address.status, WORDS),
    agent: text(address.agent),
    /** The id of whoever asked for them. */
    by: text(address.by),
    /** The dialog is open; `agent` says who is to do it. */
    new: address.new === 1 || address.new === "1" || address.new === true ? 1 : undefined,
  });

/** What is shown. */
export type RunsSearch = ReturnType<typeof runsSearch>;

/** The filters as requests have them. */
export const runsQuery = ({ status, agent, by }: RunsSearch): RunQuery =>
  present({
    agentId: agent,
    userId: by,
    status: status === undefined ? undefined : STATUSES[status].status,
  });

/** Whether anything is filtered. */
export const isNarrowed = ({ new: _, ...filters }: RunsSearch): boolean =>
  Object.keys(filters).length > 0;
