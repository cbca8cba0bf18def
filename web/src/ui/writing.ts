// Whether keys are somebody's writing, and so no shortcuts.

/** Whether keys belong to something that is written into. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, .xterm") !== null;
}
