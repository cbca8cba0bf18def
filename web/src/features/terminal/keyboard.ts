// Which keys the page takes before a terminal does, and what keys on the screen type. Pure.

/** What the page does instead of typing. */
export type KeyAction = "copy" | "search" | "leave" | "newline" | "larger" | "smaller";

/** What counts of a key. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The key that moves the focus out of a terminal, in words; Tab belongs to what runs in it. */
export const LEAVE_KEY = "Ctrl+Shift+L";

/** What the page does at a key, if it is not the terminal's. */
export function actionOf(key: Key, hasSelection: boolean): KeyAction | undefined {
  const ctrlShift = key.ctrlKey && key.shiftKey && !key.altKey && !key.metaKey;
  const onlyMeta = key.metaKey && !key.ctrlKey && !key.altKey;
  const onlyCtrl = key.ctrlKey && !key.shiftKey && !key.altKey && !key.metaKey;
  if (ctrlShift || onlyMeta) {
    if (key.code === "KeyC") return ctrlShift || hasSelection ? "copy" : undefined;
    if (key.code === "KeyF") return "search";
  }
  if (ctrlShift) {
    if (key.code === "KeyL") return "leave";
    if (key.code === "Period") return "larger";
    if (key.code === "Comma") return "smaller";
  }
  if (onlyCtrl && key.code === "Insert") return hasSelection ? "copy" : undefined;
  // Agents take a line feed for a new line of what is being written, and a carriage return for its end.
  const onlyShift = key.shiftKey && !key.ctrlKey && !key.altKey && !key.metaKey;
  return onlyShift && key.key === "Enter" ? "newline" : undefined;
}

/** Keys that are held on the screen and change the next one. */
export interface Held {
  readonly ctrl: boolean;
  readonly alt: boolean;
}

/** A key of the bar on the screen. */
export type ScreenKey =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "cursor"; readonly letter: "A" | "B" | "C" | "D" | "H" | "F" }
  | { readonly kind: "page"; readonly number: 5 | 6 };

/** What a key on the screen types, as xterm.js types it for a real one. */
export function typed(key: ScreenKey, { ctrl, alt }: Held, isApplication: boolean): string {
  const modifier = 1 + (alt ? 2 : 0) + (ctrl ? 4 : 0);
  switch (key.kind) {
    case "cursor":
      if (modifier > 1) return `\u001b[1;${modifier}${key.letter}`;
      return `\u001b${isApplication ? "O" : "["}${key.letter}`;
    case "page":
      return modifier > 1 ? `\u001b[${key.number};${modifier}~` : `\u001b[${key.number}~`;
    case "text":
      return `${alt ? "\u001b" : ""}${ctrl ? controlled(key.text) : key.text}`;
  }
}

/** What Ctrl makes of one character; of more than one, nothing. */
export function controlled(text: string): string {
  if (text.length !== 1) return text;
  if (text === "?") return "\u007f";
  const code = text.toUpperCase().charCodeAt(0);
  if (text === " ") return "\u0000";
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code - 0x40) : text;
}
