// Has lists of commands asked for anew when commands come, begin or end.

import type { QueryClient } from "@tanstack/react-query";
import type { DashboardClient } from "pilothouse-client";
import { Batch } from "./batch";

/** Lists are a request each, so they are not asked for more often than this, however much happens. */
const GATHER_MS = 1000;

/** Does so until what it returns is called. */
export function attendCommands(client: DashboardClient, cache: QueryClient): () => void {
  const touched = () => void cache.invalidateQueries({ queryKey: ["commands"] });
  const batch = new Batch(touched, GATHER_MS);
  const offs = [
    client.on("status", () => batch.touch()),
    client.on("queue", () => batch.touch()),
    client.on("resynced", () => batch.touch()),
  ];
  return () => {
    for (const off of offs) off();
    batch.stop();
  };
}
