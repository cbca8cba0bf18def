// Running commands on the agent that is shown.

import { useNavigate } from "@tanstack/react-router";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";

/** Runs a command and shows it; says why it was refused, if it was. */
export function useRun(agentId: string): {
  readonly isBusy: boolean;
  readonly run: (body: rest.CommandBody) => Promise<string | undefined>;
} {
  const { rest } = useServer();
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const run = async (body: rest.CommandBody) => {
    setBusy(true);
    try {
      const { id } = await rest.call("POST /api/v1/commands", { body });
      const search = { command: id };
      void navigate({ to: "/agents/$agentId", params: { agentId }, search, replace: true });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, run };
}
