// Which inputs a key makes. Pure.

import type { BrowserInput } from "pilothouse-client";
import { modifiersOf } from "./aim";

type KeyInput = Extract<BrowserInput, { type: "input_keyboard" }>;

/** A key as events tell it. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** What to do about a key that goes down. */
export type Meaning =
  /** Leaves the picture. */
  | "leave"
  /** The viewer's clipboard is to be pasted: this browser tells what is in it. */
  | "paste"
  | "copy"
  | "cut"
  /** It is for the page. */
  | "key"
  /** A keyboard on the screen, or one that composes: the text comes by itself. */
  | "text";

/** In words, for hints. */
export const LEAVE_KEYS = "Ctrl+Shift+Esc";

/** See `Meaning`. */
export function meaningOf(key: Key & { readonly isComposing: boolean }, isApple: boolean): Meaning {
  if (key.key === "Escape" && key.ctrlKey && key.shiftKey) return "leave";
  const isText = ["Unidentified", "Process", "Dead"].includes(key.key);
  if (key.isComposing || isText) return "text";
  const isCommand = (isApple ? key.metaKey : key.ctrlKey) && !key.altKey;
  if (!isCommand || key.shiftKey) return "key";
  switch (key.key.toLowerCase()) {
    case "v":
      return "paste";
    case "c":
      return "copy";
    case "x":
      return "cut";
    default:
      return "key";
  }
}

/** The text that a key writes; nothing of keys that do something else. */
function textOf({ key, altKey, ctrlKey, metaKey }: Key): string | undefined {
  if (key === "Enter") return "\r";
  // On many keyboards both together are a third row of letters.
  const isThirdRow = altKey && ctrlKey && !metaKey;
  if ((ctrlKey || metaKey) && !isThirdRow) return undefined;
  return [...key].length === 1 ? key : undefined;
}

/** A key that goes down or comes up, as the agent's browser is told. */
export function inputOf(key: Key, eventType: "keyDown" | "keyUp", isApple: boolean): KeyInput {
  const text = eventType === "keyDown" ? textOf(key) : undefined;
  const isThirdRow = text !== undefined && key.altKey && key.ctrlKey;
  const name = isApple && key.key === "Meta" ? "Control" : key.key;
  return {
    type: "input_keyboard",
    eventType,
    key: name,
    code: isApple ? key.code.replace("Meta", "Control") : key.code,
    // A letter of the third row is no shortcut.
    modifiers: isThirdRow ? (key.shiftKey ? 8 : 0) : modifiersOf(key, isApple),
    ...(text === undefined ? {} : { text }),
  };
}

/** A key that is pressed and let go, such as one on the screen. */
export function pressOf(key: string, code = key): readonly KeyInput[] {
  const bare = { key, code, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
  return [inputOf(bare, "keyDown", false), inputOf(bare, "keyUp", false)];
}

/** Text as it is typed, letter by letter; line ends are the key. */
export const typed = (text: string): readonly KeyInput[] =>
  [...text].flatMap((letter) =>
    letter === "\n" || letter === "\r"
      ? pressOf("Enter")
      : [{ type: "input_keyboard", eventType: "char", text: letter } as const],
  );

/** What changes one text into another by typing at its end. */
export function retyped(before: string, after: string): readonly KeyInput[] {
  const old = [...before];
  const fresh = [...after];
  let same = 0;
  while (same < old.length && old[same] === fresh[same]) same += 1;
  const backspaces = old.slice(same).flatMap(() => pressOf("Backspace"));
  return [...backspaces, ...typed(fresh.slice(same).join(""))];
}
