// Times as people say them.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in one unit: "4 min", "2 h". */
export function span(ms: number): string {
  const long = Math.max(0, ms);
  if (long < MINUTE) return `${Math.floor(long / SECOND)} s`;
  if (long < HOUR) return `${Math.floor(long / MINUTE)} min`;
  if (long < DAY) return `${Math.floor(long / HOUR)} h`;
  return `${Math.floor(long / DAY)} d`;
}

/** How long, with parts that matter: "340 ms", "4.2 s", "3 min 20 s". */
export function exactSpan(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
}

/** A moment in milliseconds, of what the wire has: a number or ISO 8601. */
export const moment = (time: number | string): number =>
  typeof time === "number" ? time : Date.parse(time);

/** How many bytes, for people: "3.4 MB". */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let amount = count;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}
