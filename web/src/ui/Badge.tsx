// Small words with a colour: states, kinds, counts.

import type { ReactNode } from "react";
import { classes } from "./classes";

/** What a colour says; the word beside it says it too. */
export type Tone = "ok" | "warn" | "bad" | "accent" | "neutral";

const SOFT: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  accent: "bg-accent-soft text-accent-ink",
  neutral: "bg-sunken text-muted dark:bg-raised",
};

const DOTS: Record<Tone, string> = {
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  accent: "bg-accent",
  neutral: "border-2 border-faint",
};

/** A word with a ground. */
export function Badge({
  tone = "neutral",
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}) {
  return (
    <span
      className={classes(
        "inline-flex h-5 items-center gap-1 rounded-sm px-1.5 text-tiny font-medium whitespace-nowrap",
        SOFT[tone],
      )}
    >
      {children}
    </span>
  );
}

/** A word behind a dot: how something is. */
export function Status({
  tone,
  children,
  pulses = false,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly pulses?: boolean;
}) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span
        aria-hidden
        className={classes("size-2 shrink-0 rounded-full", DOTS[tone], pulses && "animate-pulse")}
      />
      {children}
    </span>
  );
}

/** How many; nothing at all for none. */
export function Count({
  count,
  tone = "neutral",
}: {
  readonly count: number;
  readonly tone?: Tone;
}) {
  if (count === 0) return null;
  return (
    <span
      className={classes(
        "tabular inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-full px-1.5 text-tiny font-semibold",
        SOFT[tone],
      )}
    >
      {count > 999 ? "999+" : count}
    </span>
  );
}

/** A key to press. */
export const Kbd = ({ children }: { readonly children: ReactNode }) => (
  <kbd className="rounded-sm border border-b-2 bg-surface px-1 font-mono text-tiny text-muted touch:hidden dark:bg-raised">
    {children}
  </kbd>
);
