// How terminals look and behave on this device. Kept in the browser, since a phone wants other letters than a desk.

import { create } from "zustand";
import { SCHEMES } from "./themes";

/** What people choose. */
export interface Preferences {
  readonly scheme: string;
  /** Empty for the page's own. */
  readonly fontFamily: string;
  readonly fontSize: number;
  readonly lineHeight: number;
  readonly cursorStyle: "block" | "bar" | "underline";
  readonly cursorBlinks: boolean;
  /** How many lines above the screen are kept here. */
  readonly scrollback: number;
  readonly copiesOnSelect: boolean;
  /** Whether programs may put text into the clipboard. */
  readonly programsMayCopy: boolean;
  readonly bell: "flash" | "none";
  readonly isForScreenReaders: boolean;
  /** Whether colours of programs are changed until they can be read. */
  readonly raisesContrast: boolean;
}

/** What counts until something is chosen. */
export const FIRST_PREFERENCES: Preferences = {
  scheme: "pilothouse",
  fontFamily: "",
  fontSize: 13,
  lineHeight: 1,
  cursorStyle: "block",
  cursorBlinks: true,
  scrollback: 5000,
  copiesOnSelect: false,
  programsMayCopy: false,
  bell: "flash",
  isForScreenReaders: false,
  raisesContrast: false,
};

/** What numbers may be. */
export const LIMITS = {
  fontSize: { least: 6, most: 32 },
  lineHeight: { least: 1, most: 2 },
  scrollback: { least: 0, most: 50_000 },
} as const;

const CURSORS = ["block", "bar", "underline"] as const;
const BELLS = ["flash", "none"] as const;

/** Reads what was kept. What cannot be read, or makes no sense, is as if it had not been chosen. */
export function readPreferences(text: string | null): Preferences {
  const kept = parsed(text);
  const first = FIRST_PREFERENCES;
  const flag = (key: keyof Preferences, otherwise: boolean) => {
    const value = kept[key];
    return typeof value === "boolean" ? value : otherwise;
  };
  const number = (key: keyof typeof LIMITS) => {
    const value = kept[key];
    return typeof value === "number" && Number.isFinite(value)
      ? Math.min(LIMITS[key].most, Math.max(LIMITS[key].least, value))
      : first[key];
  };
  return {
    scheme: SCHEMES.find(({ id }) => id === kept.scheme)?.id ?? first.scheme,
    fontFamily: typeof kept.fontFamily === "string" ? fontName(kept.fontFamily) : first.fontFamily,
    fontSize: number("fontSize"),
    lineHeight: number("lineHeight"),
    cursorStyle: CURSORS.find((style) => style === kept.cursorStyle) ?? first.cursorStyle,
    cursorBlinks: flag("cursorBlinks", first.cursorBlinks),
    scrollback: Math.round(number("scrollback")),
    copiesOnSelect: flag("copiesOnSelect", first.copiesOnSelect),
    programsMayCopy: flag("programsMayCopy", first.programsMayCopy),
    bell: BELLS.find((bell) => bell === kept.bell) ?? first.bell,
    isForScreenReaders: flag("isForScreenReaders", first.isForScreenReaders),
    raisesContrast: flag("raisesContrast", first.raisesContrast),
  };
}

/** A name of a font without what would end it in a style sheet. */
const fontName = (text: string) => text.replace(/["';{}\\]/g, "").slice(0, 100);

function parsed(text: string | null): Partial<Record<keyof Preferences, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The fonts to try, in order. */
export function fontsOf({ fontFamily }: Preferences): string {
  const own = `"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace`;
  return fontFamily === "" ? own : `"${fontName(fontFamily)}", ${own}`;
}

const KEY = "pilothouse.terminal";

interface PreferenceState {
  readonly chosen: Preferences;
  choose(changes: Partial<Preferences>): void;
}

/** The preferences of this device, for whoever shows or changes them. */
export const usePreferences = create<PreferenceState>()((set, get) => ({
  chosen: readPreferences(kept()),
  choose: (changes) => {
    const chosen = readPreferences(JSON.stringify({ ...get().chosen, ...changes }));
    set({ chosen });
    keep(JSON.stringify(chosen));
  },
}));

// Browsers may forbid pages to keep anything; then choices count as long as the page is open.
function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(text: string): void {
  try {
    localStorage.setItem(KEY, text);
  } catch {}
}

/** Other tabs of this device chose something. Attended once, for the life of the page. */
export function attendPreferences(): () => void {
  const take = (event: StorageEvent) => {
    if (event.key === KEY) usePreferences.setState({ chosen: readPreferences(event.newValue) });
  };
  addEventListener("storage", take);
  return () => removeEventListener("storage", take);
}
