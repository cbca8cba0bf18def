// One run that is looked at: asked for anew whenever the control plane says that something of it happened.

import { useQueryClient } from "@tanstack/react-query";
import { ControlClient, type Run } from "pilothouse-client";
import { useEffect } from "react";
import { keys } from "@/api/keys";
import { isOver } from "@/api/runs";
import { useServer } from "@/api/server";
import { Batch } from "./batch";

/** Steps that come this close together are fetched together. */
const ASK_MS = 100;

/** Follows a run for as long as a view shows it and it is not over. */
export function useRunNews(run: Run | undefined): void {
  const { url, token } = useServer();
  const cache = useQueryClient();
  const live = run === undefined || isOver(run) ? undefined : run;
  const [id, agentId] = [live?.id, live?.agentId];
  useEffect(() => {
    if (id === undefined || agentId === undefined) return;
    const batch = new Batch(
      () => void cache.invalidateQueries({ queryKey: keys.run(id), exact: true }),
      ASK_MS,
    );
    const touch = () => batch.touch();
    const client = new ControlClient({ server: url, token, agentId });
    for (const name of ["task", "progress", "logs"] as const) client.on(name, touch);
    // Without it the run is looked at now and then all the same.
    client.subscribe("TASK", id).catch(() => {});
    client.connect().catch(() => {});
    return () => {
      batch.stop();
      client.dispose();
    };
  }, [url, token, cache, id, agentId]);
}
