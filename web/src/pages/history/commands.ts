// The commands that fit a search, page after page, with new ones as they come.

import { useQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { type NewestFirst, useNewestFirst } from "@/api/newestFirst";
import { useServer } from "@/api/server";
import { isTorn, joined, later } from "./newest";
import { commandsQuery, type HistorySearch } from "./search";

/** The filters that commands have; others do not make another list. */
const filtersOf = ({ q, agent, status, by, range, from, to }: HistorySearch) => ({
  q,
  agent,
  status,
  by,
  range,
  from,
  to,
});

const commandsOf = ({ commands }: rest.CommandsReply) => commands;

/** A list of commands. */
export function useCommandHistory(
  search: HistorySearch,
  isWanted: boolean,
): NewestFirst<rest.Command> {
  const { rest } = useServer();
  const filters = filtersOf(search);
  return useNewestFirst<rest.Command, rest.CommandsReply>({
    pagesKey: keys.pages("GET /api/v1/commands", filters),
    // Asked for anew by `live` when something happened to a command.
    newestKey: keys.commands({ ...filters, newest: true }),
    isWanted,
    ask: (page, signal) => {
      const query = { ...commandsQuery(search, Date.now()), ...page };
      return rest.call("GET /api/v1/commands", { query, signal });
    },
    itemsOf: commandsOf,
    nextOf: ({ next }) => next,
    joined,
    isTorn,
  });
}

const isFinal = ({ status }: rest.Command) => status !== "queued" && status !== "running";

/** A command of a list as it is now: one that has not ended is followed. */
export function useCommandNow(command: rest.Command): rest.Command {
  const { rest } = useServer();
  const now = useQuery({
    queryKey: keys.command(command.id),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/commands/{command}", { path: { command: command.id }, signal }),
    initialData: command,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: !isFinal(command),
  });
  return later(command, now.data);
}
