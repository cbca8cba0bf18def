// Of what somebody wants to be told on this device, and where. Kept in the browser.

import { create } from "zustand";

/** What can be told. */
export const KINDS = ["asking", "failed", "done"] as const;

/** One of them. */
export type NoticeKind = (typeof KINDS)[number];

/** `page`: in a corner of the page while it is looked at. `everywhere`: also outside of it while it is hidden. */
export const REACHES = ["off", "page", "everywhere"] as const;

/** How far a notice goes. */
export type Reach = (typeof REACHES)[number];

/** What people choose. */
export interface NoticePreferences {
  readonly asking: Reach;
  readonly failed: Reach;
  readonly done: Reach;
  /** Whether only what one asked for oneself is told when it is done; else also whatever took long. */
  readonly isOwnAlone: boolean;
  readonly hasSound: boolean;
  /** Whether it was offered to be told outside of the page; that is done once. */
  readonly wasOffered: boolean;
}

/** What counts until something is chosen. */
export const FIRST_PREFERENCES: NoticePreferences = {
  asking: "everywhere",
  failed: "everywhere",
  done: "everywhere",
  isOwnAlone: false,
  hasSound: false,
  wasOffered: false,
};

/** The reach of that name. */
const reachOf = (value: unknown): Reach | undefined => REACHES.find((reach) => reach === value);

/** Reads what was kept. What cannot be read is as if it had not been chosen. */
export function readPreferences(text: string | null): NoticePreferences {
  const first = FIRST_PREFERENCES;
  const kept = parsed(text);
  const flag = (value: unknown, otherwise: boolean) =>
    typeof value === "boolean" ? value : otherwise;
  return {
    asking: reachOf(kept.asking) ?? first.asking,
    failed: reachOf(kept.failed) ?? first.failed,
    done: reachOf(kept.done) ?? first.done,
    isOwnAlone: flag(kept.isOwnAlone, first.isOwnAlone),
    hasSound: flag(kept.hasSound, first.hasSound),
    wasOffered: flag(kept.wasOffered, first.wasOffered),
  };
}

function parsed(text: string | null): Partial<Record<keyof NoticePreferences, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

const KEY = "pilothouse.notices";

interface PreferenceState {
  readonly chosen: NoticePreferences;
  choose(changes: Partial<NoticePreferences>): void;
}

/** The preferences of this device. */
export const useNoticePreferences = create<PreferenceState>()((set, get) => ({
  chosen: readPreferences(localStorage.getItem(KEY)),
  choose: (changes) => {
    const chosen = { ...get().chosen, ...changes };
    set({ chosen });
    localStorage.setItem(KEY, JSON.stringify(chosen));
  },
}));

/** Has other tabs' choices count here, until what it returns is called. */
export function attendNoticePreferences(): () => void {
  const take = (event: StorageEvent) => {
    if (event.key === KEY)
      useNoticePreferences.setState({ chosen: readPreferences(event.newValue) });
  };
  addEventListener("storage", take);
  return () => removeEventListener("storage", take);
}
