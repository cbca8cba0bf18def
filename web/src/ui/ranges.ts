// Stretches of time that lists are narrowed down to.

/** A stretch that moves with the present. */
export type Preset = "hour" | "today" | "week";

/** A stretch as it stands in an address. */
export interface Range {
  readonly range?: Preset;
  /** As fields for date and time have it, in local time: `2026-11-21T09:00`. */
  readonly from?: string;
  readonly to?: string;
}

/** Presets, as people call them. */
export const PRESETS: readonly { readonly value: Preset; readonly label: string }[] = [
  { value: "hour", label: "Last hour" },
  { value: "today", label: "Today" },
  { value: "week", label: "Last 7 days" },
];

const HOUR = 60 * 60 * 1000;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

/** A local moment of an address, if it is one. */
const localMoment = (value: unknown): string | undefined =>
  typeof value === "string" && LOCAL.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;

/** What an address says about time, without what makes no sense. */
export function rangeOf(search: Readonly<Record<string, unknown>>): Range {
  const preset = PRESETS.find(({ value }) => value === search.range);
  if (preset !== undefined) return { range: preset.value };
  const from = localMoment(search.from);
  const to = localMoment(search.to);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

const begins: Record<Preset, (now: number) => number> = {
  hour: (now) => now - HOUR,
  today: (now) => new Date(now).setHours(0, 0, 0, 0),
  week: (now) => now - 7 * 24 * HOUR,
};

/** The moments that a range begins and ends with, as requests have them. */
export function limitsOf(
  { range, from, to }: Range,
  now: number,
): { readonly from?: string; readonly to?: string } {
  const iso = (moment: string | number) => new Date(moment).toISOString();
  if (range !== undefined) return { from: iso(begins[range](now)) };
  // Fields have minutes, and the last of them belongs to the range.
  const end = to === undefined ? undefined : Date.parse(to) + 59_999;
  return {
    ...(from === undefined ? {} : { from: iso(from) }),
    ...(end === undefined ? {} : { to: iso(end) }),
  };
}

/** The local moment that fields show for a time. */
export function fieldOf(time: number): string {
  const two = (count: number) => String(count).padStart(2, "0");
  const date = new Date(time);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
