// What a worker is and does, as a shape with a colour, and as a chip with a word.

import {
  Bot,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  CirclePlay,
  CircleX,
  CloudOff,
  type LucideIcon,
  SquareTerminal,
} from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { classes } from "@/ui/classes";
import { STANDING_TONES, type Standing, standingWords } from "./standing";

const SHAPES: Record<Standing, LucideIcon> = {
  asking: CircleHelp,
  active: CirclePlay,
  starting: CircleDashed,
  idle: CirclePause,
  open: CirclePlay,
  failed: CircleX,
  ended: CircleCheck,
  away: CloudOff,
};

const INKS = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  accent: "text-accent-ink",
  neutral: "text-faint",
} as const;

/** The shape of a standing. Whoever shows it alone says the word for screen readers. */
export function StandingShape({
  standing,
  className,
}: {
  readonly standing: Standing;
  readonly className?: string;
}) {
  const Shape = SHAPES[standing];
  const ink = INKS[STANDING_TONES[standing]];
  const moves = standing === "active" && "animate-pulse";
  return <Shape aria-hidden className={classes("size-3.5 shrink-0", ink, moves, className)} />;
}

/** The shape of a kind of worker. */
export const KindShape = ({ type }: { readonly type: sessionsAndWorkers.Worker["type"] }) =>
  type === "agent" ? (
    <Bot aria-hidden className="size-3.5 shrink-0 text-muted" />
  ) : (
    <SquareTerminal aria-hidden className="size-3.5 shrink-0 text-muted" />
  );

/** A worker in a list: kind, name, and how it is. */
export function WorkerChip({
  worker,
  standing,
}: {
  readonly worker: sessionsAndWorkers.Worker;
  readonly standing: Standing;
}) {
  return (
    <span
      className={classes(
        "inline-flex h-6 max-w-56 min-w-0 items-center gap-1.5 rounded-sm px-1.5 text-small",
        standing === "asking" ? "bg-warn-soft" : "bg-sunken dark:bg-raised",
      )}
    >
      <KindShape type={worker.type} />
      <span className="min-w-0 truncate">{worker.name}</span>
      <StandingShape standing={standing} />
      <span className={classes("whitespace-nowrap", INKS[STANDING_TONES[standing]])}>
        {standingWords(standing, worker)}
      </span>
    </span>
  );
}

/** Several terminals of which there is nothing to be said but that they are there. */
export const TerminalsChip = ({
  count,
  standing,
}: {
  readonly count: number;
  readonly standing: "open" | "away";
}) => (
  <span className="inline-flex h-6 items-center gap-1.5 rounded-sm bg-sunken px-1.5 text-small dark:bg-raised">
    <KindShape type="terminal" />
    <span className="tabular whitespace-nowrap">{count} terminals</span>
    <StandingShape standing={standing} />
    <span className={INKS[STANDING_TONES[standing]]}>{standing}</span>
  </span>
);
