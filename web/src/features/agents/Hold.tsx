// Why nothing of an agent's queue is started, and until when.

import type { dashboard } from "pilothouse-client";
import { Badge } from "@/ui/Badge";
import { clockTime } from "@/ui/clockTime";
import { capital } from "@/ui/sentence";

const WORDS: Readonly<Record<string, string>> = {
  paused: "paused",
  stopped: "stopped",
  "emergency-stopped": "emergency stop",
  "over-budget": "over budget",
};

/** The word for a cause. */
const holdWord = (cause: string): string => WORDS[cause] ?? cause;

/** All of it, as a sentence. */
export function holdSentence({ reason, until }: dashboard.QueueHold): string {
  const words = capital(reason);
  return until === undefined ? words : `${words}, until ${clockTime(until)}`;
}

/** Such as "paused"; the sentence on pointing, and for screen readers. */
export function HoldBadge({ hold }: { readonly hold: dashboard.QueueHold }) {
  const tone = hold.cause === "emergency-stopped" || hold.cause === "stopped" ? "bad" : "warn";
  return (
    <span title={holdSentence(hold)}>
      <Badge tone={tone}>
        {holdWord(hold.cause)}
        {hold.until !== undefined && ` until ${clockTime(hold.until)}`}
      </Badge>
      <span className="sr-only">: {holdSentence(hold)}</span>
    </span>
  );
}
