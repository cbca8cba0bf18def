// An agent's commands by pages, the newest first, with what the dashboard told since.

import { useInfiniteQuery } from "@tanstack/react-query";
import type { dashboard, rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";

const PAGE = 50;

/** The pages of one agent's commands. */
export function useRecentCommands(agentId: string) {
  const { rest } = useServer();
  return useInfiniteQuery({
    queryKey: keys.commands({ agentId }),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }): Promise<rest.CommandsReply> => {
      const query = { agentId, limit: PAGE, ...(pageParam === "" ? {} : { before: pageParam }) };
      return rest.call("GET /api/v1/commands", { query, signal });
    },
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

/** A command as REST told it, with how it stands now. */
export function asItStands(
  command: rest.Command,
  status: dashboard.CommandStatus | undefined,
): rest.Command {
  if (status === undefined) return command;
  const { exitCode, error, signal, executionTime, startedAt } = status;
  return {
    ...command,
    status: status.status,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(error === undefined ? {} : { error }),
    ...(signal === undefined ? {} : { signal }),
    ...(executionTime === undefined ? {} : { executionTime }),
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
  };
}
