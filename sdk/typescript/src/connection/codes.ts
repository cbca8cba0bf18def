// Which close codes come back, and how. One table for all doors.

/** What to do after a connection was closed. */
export type Return =
  /** Not at all. */
  | "never"
  /** Now: what kept us away is over. */
  | "at-once"
  /** After the protocol's next wait. */
  | "after-wait"
  /** The same, but never at once: the server is in trouble. */
  | "later"
  /** The server is on its way down: after the next wait and some time by chance, so that not all come at once. */
  | "scattered"
  /** With another token only. */
  | "with-another-token";

/** Up to how much longer is waited for a server that said it stops. */
export const SCATTER_MS = 3000;

const RETURNS: Readonly<Record<number, Return>> = {
  1000: "never",
  1001: "scattered",
  1002: "never",
  1003: "never",
  1007: "never",
  1008: "with-another-token",
  1009: "never",
  1010: "never",
  1011: "later",
  1012: "scattered",
  1013: "later",
  4000: "at-once",
  4009: "never",
};

/** What a close with this code and reason asks for. Codes that nobody knows are an accident of the network. */
export function afterClose(code: number, reason: string): Return {
  // Its two meanings differ in words: a token that ended, or a worker with a new life.
  if (code === 4001) return reason.includes("restarted") ? "at-once" : "with-another-token";
  return RETURNS[code] ?? "after-wait";
}

/**
 * Whether an attempt that never opened was refused for its token. Browsers do not say; they report 1006
 * as for any other failure. Libraries that tell the HTTP status do so in words.
 */
export function isRefusal(words: string): boolean {
  return /\b(401|403)\b/.test(words);
}
