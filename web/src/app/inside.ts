// What a sign-in has: clients, a cache, and all that keeps it true. Made when somebody comes in, ended when they leave.

import type { QueryClient } from "@tanstack/react-query";
import { DashboardClient, RestClient, SessionsClient } from "pilothouse-client";
import { createStore } from "zustand/vanilla";
import { makeQueryClient } from "@/api/queryClient";
import type { Server } from "@/api/server";
import { attend } from "@/live/attend";
import { entrance, type Place } from "./entrance/entrance";
import { attendNotices } from "./notifications/attend";
import { attendStanding, Standing, watchedFetch } from "./standing";

/** What views stand on. */
export interface Inside {
  readonly server: Server;
  readonly cache: QueryClient;
}

/** The present sign-in's; absent while nobody is inside. */
export const inside = createStore<{ readonly now: Inside | undefined }>()(() => ({
  now: undefined,
}));

let leave: (() => void) | undefined;

function enter({ credential, user }: Extract<Place, { at: "inside" }>): void {
  const token = credential.source;
  const url = entrance.server;
  const standing = new Standing(() => entrance.recheck());
  const server: Server = {
    url,
    token,
    rest: new RestClient({ server: url, token, fetch: watchedFetch(standing) }),
    // Output is asked for by whoever shows it.
    dashboard: new DashboardClient({ server: url, token, follow: "own", attention: true }),
    sessions: new SessionsClient({ server: url, token }),
    user,
    signOut: () => credential.signOut(),
    changePassword: (current, next) => credential.changePassword(user.username, current, next),
    doubt: () => standing.doubt(),
  };
  const cache = makeQueryClient();
  const ends = [
    attend(server, cache),
    attendStanding(standing, server.dashboard),
    attendNotices(server),
  ];
  leave = () => {
    for (const end of ends) end();
    cache.clear();
  };
  inside.setState({ now: { server, cache } });
}

/** The same person may do something else now: views learn it, and everything else goes on. */
function become(user: Server["user"]): void {
  const { now } = inside.getState();
  if (now === undefined) return;
  inside.setState({ now: { ...now, server: { ...now.server, user } } });
}

/** Follows who comes and goes. */
export function attendInside(): void {
  entrance.place.subscribe((place, before) => {
    const isSame =
      place.at === "inside" && before.at === "inside" && place.credential === before.credential;
    if (isSame) return become(place.user);
    leave?.();
    leave = undefined;
    if (place.at === "inside") enter(place);
    else inside.setState({ now: undefined });
  });
}
