// How an agent is, by a shape and a word.

import { Circle, CircleDashed, Play, TriangleAlert } from "lucide-react";
import { classes } from "@/ui/classes";

const LOOKS = {
  online: { icon: Circle, look: "text-ok", fill: "currentColor" },
  busy: { icon: Play, look: "text-accent-ink", fill: "currentColor" },
  error: { icon: TriangleAlert, look: "text-bad", fill: "none" },
  offline: { icon: CircleDashed, look: "text-muted", fill: "none" },
} as const;

/** The words for it, also for filters. */
export const STATUSES = ["busy", "online", "error", "offline"] as const;

/** One of them. */
export type AgentStatus = (typeof STATUSES)[number];

/** Its shape alone, for where the word stands beside it anyway. */
export function AgentShape({ status }: { readonly status: AgentStatus }) {
  const { icon: Icon, look, fill } = LOOKS[status];
  return (
    <Icon aria-hidden className={classes("size-3 shrink-0", look)} fill={fill} strokeWidth={2.5} />
  );
}

/** Such as "▶ busy". */
export function AgentState({ status }: { readonly status: AgentStatus }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <AgentShape status={status} />
      <span className={classes("font-medium", LOOKS[status].look)}>{status}</span>
    </span>
  );
}
