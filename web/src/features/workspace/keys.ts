// Keys of a workspace. All have Ctrl and Alt, and none types a character, so that neither shells nor layouts miss them. Pure.

import type { Direction } from "./geometry";

/** What a key does. */
export type WorkspaceKey =
  | { readonly act: "look" | "resize"; readonly direction: Direction }
  | { readonly act: "turn"; readonly by: 1 | -1 }
  | { readonly act: "maximise" | "tabs" };

/** What counts of a key. */
export interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly metaKey: boolean;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** What a key does in a workspace, if anything. */
export function workspaceKey(pressed: PressedKey): WorkspaceKey | undefined {
  if (!pressed.ctrlKey || !pressed.altKey || pressed.metaKey) return undefined;
  const direction = ARROWS[pressed.key];
  if (direction !== undefined) return { act: pressed.shiftKey ? "resize" : "look", direction };
  if (pressed.shiftKey) return undefined;
  switch (pressed.key) {
    case "PageDown":
      return { act: "turn", by: 1 };
    case "PageUp":
      return { act: "turn", by: -1 };
    case "Enter":
      return { act: "maximise" };
    case "Home":
      return { act: "tabs" };
    default:
      return undefined;
  }
}

/** The keys in words, for whoever looks them up. */
export const WORKSPACE_KEYS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: "Ctrl Alt arrow", does: "Go to the terminal beside" },
  { keys: "Ctrl Alt Shift arrow", does: "Move the line beside it" },
  { keys: "Ctrl Alt Page up or down", does: "Previous or next tab" },
  { keys: "Ctrl Alt Enter", does: "Fill the window, or back" },
  { keys: "Ctrl Alt Home", does: "To the tabs; arrows move, Enter opens, Delete hides" },
];
