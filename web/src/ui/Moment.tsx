// When something was, as a clock shows it: the time today, with the day before that.

import { useClock } from "./Age";
import { moment } from "./ages";

const CLOCK: Intl.DateTimeFormatOptions = {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
};
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };

const clock = new Intl.DateTimeFormat("en-GB", CLOCK);
const day = new Intl.DateTimeFormat("en-GB", DAY);

/** How a moment is written on the day that it is. */
export function written(at: number, today: string): string {
  const date = new Date(at);
  if (date.toDateString() === today) return clock.format(date);
  const year = date.getFullYear() === new Date(today).getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${day.format(date)}${year} ${clock.format(date).slice(0, 5)}`;
}

/** A moment of the wire. */
export function Moment({ at, className }: { readonly at: string; readonly className?: string }) {
  const today = useClock((now) => new Date(now).toDateString());
  return (
    <time
      dateTime={at}
      title={new Date(at).toLocaleString()}
      className={className ?? "tabular whitespace-nowrap"}
    >
      {written(moment(at), today)}
    </time>
  );
}
