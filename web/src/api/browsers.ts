// Browsers of sessions and their recordings: what there is, and what can be asked of them.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { Browser, PictureRecording } from "pilothouse-client";
import { keys } from "./keys";
import { useServer } from "./server";

/** What others open and close is seen this much later. */
const LOOK_MS = 3000;

/** All browsers there are, by their sessions. */
export type Browsers = ReadonlyMap<string, Browser>;

/** All of them, or what is made of them. */
export function useBrowsers<T = Browsers>(select?: (browsers: Browsers) => T) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.browsers,
    queryFn: async ({ signal }): Promise<Browsers> => {
      const { browsers } = await rest.call("GET /api/v1/browsers", { signal });
      return new Map(browsers.map((browser) => [browser.sessionId, browser]));
    },
    refetchInterval: LOOK_MS,
    staleTime: LOOK_MS,
    // What has not changed is the same object, so that a wall is not drawn anew for nothing.
    structuralSharing: false,
    ...(select === undefined ? {} : { select }),
  });
}

/** A page to begin with, and how large it is to be. */
export interface BrowserWish {
  readonly url?: string;
  readonly width?: number;
  readonly height?: number;
}

/** Where a browser is to go. */
export type Way =
  | { readonly url: string }
  | { readonly action: "back" | "forward" | "reload" | "stop" };

/** What is asked about the browser of a session. What became of it is looked at right after. */
export function useBrowserActs(session: string) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const path = { session };
  const looked = () => cache.invalidateQueries({ queryKey: keys.browsers });
  return {
    open: async (wish: BrowserWish) => {
      await rest.call("POST /api/v1/sessions/{session}/browser", { path, body: { ...wish } });
      await looked();
    },
    close: async () => {
      await rest.call("DELETE /api/v1/sessions/{session}/browser", { path });
      await looked();
    },
    go: (way: Way) =>
      rest.call("POST /api/v1/sessions/{session}/browser/go", { path, body: { ...way } }),
    tab: (action: "select" | "close" | "new", tab?: string) =>
      rest.call("POST /api/v1/sessions/{session}/browser/tabs", {
        path,
        body: tab === undefined ? { action } : { action, tab },
      }),
  };
}

/** Recordings of a session's browser, the newest first. */
export function useRecordings(session: string, isWanted = true) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.recordings(session),
    queryFn: async ({ signal }): Promise<readonly PictureRecording[]> => {
      const call = { path: { session }, signal };
      const { recordings } = await rest.call("GET /api/v1/sessions/{session}/recordings", call);
      return [...recordings].sort((one, other) => other.startedAt.localeCompare(one.startedAt));
    },
    refetchInterval: LOOK_MS,
    enabled: isWanted,
  });
}

/** What is asked about recordings of a session. */
export function useRecordingActs(session: string) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const looked = () => cache.invalidateQueries({ queryKey: keys.recordings(session) });
  return {
    start: async () => {
      await rest.call("POST /api/v1/sessions/{session}/recordings", {
        path: { session },
        body: {},
      });
      await looked();
    },
    stop: async (recording: string) => {
      const route = "POST /api/v1/sessions/{session}/recordings/{recording}/stop";
      await rest.call(route, { path: { session, recording }, body: {} });
      await looked();
    },
    remove: async (recording: string) => {
      const route = "DELETE /api/v1/sessions/{session}/recordings/{recording}";
      await rest.call(route, { path: { session, recording } });
      await looked();
    },
    exported: (recording: string) =>
      rest.response("GET /api/v1/sessions/{session}/recordings/{recording}/export", {
        path: { session, recording },
      }),
  };
}
