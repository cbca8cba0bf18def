// How long ago something was, kept true by one clock for the whole page.

import { useMemo, useSyncExternalStore } from "react";
import { moment, span } from "./ages";

const TICK_MS = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const hear of listeners) hear();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** What a clock that ticks each second makes of the present; renders again only when that changes. */
export const useClock = <T extends string | number | boolean>(of: (now: number) => T): T =>
  useSyncExternalStore(subscribe, () => of(now));

/** Such as "4 min", with the exact time on pointing. */
export function Age({
  since,
  suffix = "",
  className,
}: {
  readonly since: number | string;
  /** Such as " ago". */
  readonly suffix?: string;
  readonly className?: string;
}) {
  const begun = moment(since);
  const words = useClock((present) => span(present - begun));
  // Words for a moment are dear, and many ages count each second.
  const { iso, local } = useMemo(() => {
    const date = new Date(begun);
    return { iso: date.toISOString(), local: date.toLocaleString() };
  }, [begun]);
  return (
    <time dateTime={iso} title={local} className={className ?? "tabular"}>
      {words}
      {suffix}
    </time>
  );
}
