// An agent's queue as it is and as it will be: what is moved stands in its new place at once.

import type { dashboard } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";
import { useLiveAgent } from "@/live/fleet";
import { tellFailure } from "@/ui/Toasts";
import { moved } from "./queue";

const EMPTY: readonly dashboard.QueuedCommand[] = [];

/** A move that the queue does not show yet, as it was told last. */
interface Moving {
  readonly id: string;
  readonly to: number;
  readonly from: readonly dashboard.QueuedCommand[];
}

/** The queue, and moving in it. */
export function useQueue(agentId: string): {
  readonly queue: readonly dashboard.QueuedCommand[];
  readonly move: (commandId: string, to: number) => Promise<void>;
} {
  const { rest } = useServer();
  const told = useLiveAgent(agentId)?.queue?.queue ?? EMPTY;
  const [moving, setMoving] = useState<Moving>();
  const queue = moving?.from === told ? moved(told, moving.id, moving.to) : told;
  const move = async (id: string, to: number) => {
    setMoving({ id, to, from: told });
    try {
      const path = { command: id };
      await rest.call("POST /api/v1/commands/{command}/move", { path, body: { position: to + 1 } });
    } catch (error) {
      setMoving(undefined);
      tellFailure("The command was not moved", error);
    }
  };
  return { queue, move };
}
