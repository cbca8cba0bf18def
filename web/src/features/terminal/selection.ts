// xterm.js 6 draws all rows a second time after each scroll, for a selection that mostly is not there.

import type { Terminal } from "@xterm/xterm";

/** The part of a terminal's inside that marks what is selected. */
interface Marking {
  refresh(...how: unknown[]): void;
}

/**
 * Lets a terminal draw for the sake of a selection only if there is one, or was when it did so last. There is no
 * public way to that; a version of xterm.js that is built otherwise draws as before.
 */
export function drawSelectionsOnly(terminal: Terminal): void {
  const marking = markingOf(terminal);
  if (marking === undefined) return;
  const refresh = marking.refresh.bind(marking);
  let wasMarked = false;
  marking.refresh = (...how) => {
    const isMarked = terminal.hasSelection();
    if (isMarked || wasMarked) refresh(...how);
    wasMarked = isMarked;
  };
}

function markingOf(terminal: Terminal): Marking | undefined {
  const inside: unknown = Reflect.get(terminal, "_core");
  if (!isThing(inside)) return undefined;
  const marking: unknown = Reflect.get(inside, "_selectionService");
  return isThing(marking) && isMarking(marking) ? marking : undefined;
}

const isThing = (value: unknown): value is object => typeof value === "object" && value !== null;

const isMarking = (value: object): value is Marking =>
  "refresh" in value && typeof value.refresh === "function";
