// Who steers a browser, as it concerns whoever looks at it. Pure.

import type { LiveControl } from "pilothouse-client";

/** See the top of the file. */
export type Standing =
  | { readonly kind: "unknown" }
  /** Nobody steers. */
  | { readonly kind: "free"; readonly mayAsk: boolean }
  /** Whoever looks here does. */
  | {
      readonly kind: "mine";
      readonly until: number | undefined;
      readonly endsSoon: boolean;
      readonly waiting: LiveControl["waiting"];
    }
  /** Somebody else does. */
  | {
      readonly kind: "others";
      readonly name: string;
      /** Their connection broke; they may still come back. */
      readonly isAway: boolean;
      readonly mayAsk: boolean;
      /** How many ask for it. */
      readonly waiting: number;
    };

/** How it is. */
export function standingOf(control: LiveControl | undefined): Standing {
  if (control === undefined) return { kind: "unknown" };
  const { you, until, warning, waiting, holder, mayRequest } = control;
  if (you) {
    const ends = until === undefined ? Number.NaN : Date.parse(until);
    return {
      kind: "mine",
      until: Number.isNaN(ends) ? undefined : ends,
      endsSoon: warning === true,
      waiting,
    };
  }
  if (holder === null) return { kind: "free", mayAsk: mayRequest };
  return {
    kind: "others",
    name: holder.name,
    isAway: holder.away === true,
    mayAsk: mayRequest,
    waiting: waiting.length,
  };
}

/** How long until a moment, as people read it: "4:05", "0:09". */
export function leftUntil(moment: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((moment - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
