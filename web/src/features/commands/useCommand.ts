// One command, as it stands now.

import { useQuery } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { useCommandStatus } from "@/live/commands";
import { asItStands } from "./recent";

/** The command; asked for anew by `live` when something happened to it. */
export function useCommand(commandId: string) {
  const { rest } = useServer();
  const status = useCommandStatus(commandId);
  const query = useQuery({
    queryKey: keys.command(commandId),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/commands/{command}", { path: { command: commandId }, signal }),
  });
  const command = query.data === undefined ? undefined : asItStands(query.data, status);
  return { ...query, command };
}
