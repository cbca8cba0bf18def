// What somebody is told who was not let in.

import { RestError } from "pilothouse-client";
import { span } from "@/ui/ages";
import { sentence } from "@/ui/sentence";

/** As a sentence; who tried too often learns when to try again. */
export function refusalWords(error: unknown, now: Date): string {
  if (!(error instanceof RestError) || error.status !== 429) return sentence(error);
  const { retryAfterMs } = error;
  if (retryAfterMs === undefined) return "Too many attempts. Try again later.";
  const at = new Date(now.getTime() + retryAfterMs);
  const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return `Too many attempts. Try again in ${span(retryAfterMs)}, at ${clock}.`;
}
