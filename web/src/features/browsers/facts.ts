// What is known about a watched browser beside its pictures, which never come here.

import type {
  ConnectionState,
  LiveControl,
  LiveStatus,
  LiveTab,
  LiveWatcher,
  PilothouseError,
  Staleness,
  Waiting,
} from "pilothouse-client";

/** As views read it. */
export interface LiveFacts {
  readonly connection: ConnectionState;
  /** The next attempt to come back, and when it was told. */
  readonly returning: (Waiting & { readonly at: number }) | undefined;
  /** Why there will be no connection any more. */
  readonly over: PilothouseError | undefined;
  readonly status: LiveStatus | undefined;
  readonly tabs: readonly LiveTab[];
  readonly watchers: readonly LiveWatcher[];
  readonly control: LiveControl | undefined;
  readonly stale: Staleness | undefined;
  /** Whether there is a picture to look at. */
  readonly hasPicture: boolean;
  /** Whether somebody here asked to steer, and was not answered yet. */
  readonly hasAsked: boolean;
}

/** Before anything is known. */
export const FIRST_FACTS: LiveFacts = {
  connection: "idle",
  returning: undefined,
  over: undefined,
  status: undefined,
  tabs: [],
  watchers: [],
  control: undefined,
  stale: undefined,
  hasPicture: false,
  hasAsked: false,
};

/** Something that happened to control, which people are told once. */
export type ControlNews =
  | { readonly kind: "granted" }
  /** By whoever steers, or nobody answered. */
  | { readonly kind: "declined" }
  | { readonly kind: "lost"; readonly to: string | undefined }
  | { readonly kind: "asked"; readonly by: string };

/** What is new for somebody who was told `before` and is told `now`. */
export function newsOf(
  before: LiveControl | undefined,
  now: LiveControl,
  hadAsked: boolean,
): readonly ControlNews[] {
  const news: ControlNews[] = [];
  const steered = before?.you === true;
  // Whoever gets it at once sees that; whoever had to wait may be looking elsewhere.
  const hadToWait = hadAsked && before?.asked === true;
  if (now.you && !steered && hadToWait) news.push({ kind: "granted" });
  if (!now.you && steered) news.push({ kind: "lost", to: now.holder?.name });
  if (hadAsked && !now.you && before?.asked === true && now.asked !== true) {
    news.push({ kind: "declined" });
  }
  if (now.you) {
    const known = new Set(steered ? before?.waiting.map(({ id }) => id) : []);
    for (const { id, name } of now.waiting) {
      if (!known.has(id)) news.push({ kind: "asked", by: name });
    }
  }
  return news;
}
