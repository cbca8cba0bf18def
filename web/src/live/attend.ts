// Starts everything that keeps the page true, and ends it.

import type { QueryClient } from "@tanstack/react-query";
import type { Server } from "@/api/server";
import { attendAttention } from "./attention";
import { attendCommands } from "./commands";
import { attendConnections } from "./connections";
import { attendFleet } from "./fleet";
import { attendSessions } from "./sessions";

/** Connects, and keeps the cache true until what it returns is called; that ends the connections. */
export function attend({ dashboard, sessions }: Server, cache: QueryClient): () => void {
  const ends = [
    attendConnections(dashboard, sessions),
    attendFleet(dashboard, cache),
    attendCommands(dashboard, cache),
    attendSessions(sessions, cache),
    attendAttention(dashboard, cache),
  ];
  // How it goes is told by the connections' states.
  dashboard.connect().catch(() => {});
  sessions.connect().catch(() => {});
  return () => {
    for (const end of ends) end();
    dashboard.dispose();
    sessions.dispose();
  };
}
