// Who is in front of a terminal, and which of them one is oneself.

import type { TerminalViewer, TerminalViewers } from "../../wire/sessions_and_workers.js";

/** Somebody in front of a terminal, by one connection. */
export interface Viewer extends TerminalViewer {
  /** Whether it is this client. */
  readonly isYou: boolean;
}

/** Everybody in front of a terminal. */
export interface Viewers {
  /** In the order in which they came; of a crowd not all, and perhaps not this client. */
  readonly viewers: readonly Viewer[];
  /** How many there are. */
  readonly total: number;
}

/** What the server said, seen by the one whose connection has that id. */
export function viewersFor(viewerId: string | undefined, told: TerminalViewers): Viewers {
  const viewers = told.viewers.map((viewer) => ({ ...viewer, isYou: viewer.id === viewerId }));
  return { viewers, total: told.total };
}
