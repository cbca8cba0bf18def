// Moments as a clock shows them.

/** Such as "14:05"; with the day if that is not today. */
export function clockTime(moment: number, now: number = Date.now()): string {
  const date = new Date(moment);
  const time = date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  const day = date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  return `${day}, ${time}`;
}
