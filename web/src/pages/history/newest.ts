// Puts together pages of a list and what has come since, newest first, each command once and as it was told last.

import type { rest } from "pilothouse-client";

const ORDER = ["queued", "running", "completed", "failed", "interrupted"];

/** Of two tellings of one command, the later: it never goes back. */
export function later(one: rest.Command, other: rest.Command): rest.Command {
  return ORDER.indexOf(other.status) > ORDER.indexOf(one.status) ? other : one;
}

/** The commands of `pages`, with those of `newest` that came after them on top. */
export function joined(
  newest: readonly rest.Command[],
  pages: readonly (readonly rest.Command[])[],
): readonly rest.Command[] {
  const known = new Map(newest.map((command) => [command.id, command]));
  const older = pages.flat().map((command) => {
    const fresh = known.get(command.id);
    known.delete(command.id);
    return fresh === undefined ? command : later(fresh, command);
  });
  // What is left of the newest stands on no page. Where it is not new, a filter has come to fit.
  const top = older[0];
  const came = [...known.values()].filter(
    (command) => top === undefined || command.requestedAt >= top.requestedAt,
  );
  return [...came, ...older];
}

/** Whether there may be commands between the newest and the first page, so that the pages are of no use. */
export function isTorn(newest: rest.CommandsReply, first: readonly rest.Command[]): boolean {
  if (newest.next === undefined || newest.next === null || first.length === 0) return false;
  const ids = new Set(first.map(({ id }) => id));
  return !newest.commands.some(({ id }) => ids.has(id));
}
