// How a command stands, by a shape and a word.

import { Check, Clock, Play, Square, X } from "lucide-react";
import type { Tone } from "@/ui/Badge";
import { classes } from "@/ui/classes";
import { type Ending, endWords } from "./ending";

const LOOKS = {
  queued: { icon: Clock, tone: "neutral" },
  running: { icon: Play, tone: "accent" },
  completed: { icon: Check, tone: "ok" },
  failed: { icon: X, tone: "bad" },
  interrupted: { icon: Square, tone: "warn" },
} as const;

const COLOURS: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  accent: "text-accent-ink",
  neutral: "text-muted",
};

const isKnown = (status: string): status is keyof typeof LOOKS => Object.hasOwn(LOOKS, status);

/** Such as "✓ done" or "✕ exit 3". */
export function CommandState({
  command,
  hidesWord = false,
}: {
  readonly command: Ending;
  /** Whether the word is for screen readers and for pointing alone. */
  readonly hidesWord?: boolean;
}) {
  const { icon: Icon, tone } = LOOKS[isKnown(command.status) ? command.status : "queued"];
  const words = endWords(command);
  return (
    <span
      className={classes("tabular inline-flex items-center gap-1 whitespace-nowrap", COLOURS[tone])}
      title={hidesWord ? words : undefined}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2.5} />
      <span className={hidesWord ? "sr-only" : "font-medium"}>{words}</span>
    </span>
  );
}
