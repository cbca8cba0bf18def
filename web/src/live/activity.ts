// What agents print, as their last line, while a view wants it.

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { MissionControlClient } from "pilothouse-client";
import { useEffect } from "react";
import { keys } from "@/api/keys";
import { type Server, useServer } from "@/api/server";
import { Batch } from "./batch";

/** A line, and when it was printed. */
export interface LastLine {
  readonly text: string;
  /** In milliseconds since 1970; absent of lines from before this page looked. */
  readonly at?: number;
}

/** By agent id. A new map with every change. */
export type LastLines = ReadonlyMap<string, LastLine>;

/** The eye reads no faster; a thousand agents that talk change the page four times a second. */
const GATHER_MS = 250;
/** Agents of one page of the list that lines are first taken from. */
const PAGE = 1000;

/** Connects and keeps last lines in the cache true, until what it returns is called. */
function attendLastLines({ url, token, rest, dashboard }: Server, cache: QueryClient): () => void {
  const lines = new Map<string, LastLine>(cache.getQueryData<LastLines>(keys.lastLines));
  const batch = new Batch(() => {
    cache.setQueryData<LastLines>(keys.lastLines, new Map(lines));
  }, GATHER_MS);
  const client = new MissionControlClient({ server: url, token, asksForState: false });
  const leaving = new AbortController();

  // The protocol has no first state: what was printed before is asked for.
  const seed = async () => {
    const query = { limit: PAGE };
    const all = rest.items("GET /api/v1/agents", "agents", { query, signal: leaving.signal });
    for await (const { id, lastLine } of all) {
      if (typeof lastLine !== "string" || lines.get(id)?.text === lastLine) continue;
      lines.set(id, { text: lastLine });
      batch.touch();
    }
  };

  const offs = [
    client.on("state", (state) => {
      if (state === "open") seed().catch(() => {});
    }),
    client.on("activity", ({ agentId, lastMessage, timestamp }) => {
      lines.set(agentId, { text: lastMessage, at: timestamp });
      batch.touch();
    }),
    // Mission control gives up after a while; the dashboard does not, and knows when to begin anew.
    dashboard.on("resynced", () => {
      if (client.state === "closed") client.reconnect();
    }),
  ];
  client.connect().catch(() => {});
  return () => {
    leaving.abort();
    for (const off of offs) off();
    batch.stop();
    client.dispose();
  };
}

/** Has last lines kept true while the calling view is shown. */
export function useAttendedLastLines(): void {
  const server = useServer();
  const cache = useQueryClient();
  useEffect(() => attendLastLines(server, cache), [server, cache]);
}

/** What an agent printed last. */
export function useLastLine(agentId: string): LastLine | undefined {
  return useQuery({
    queryKey: keys.lastLines,
    queryFn: () => new Promise<LastLines>(() => {}),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    select: (lines: LastLines) => lines.get(agentId),
  }).data;
}
