// How the connections that everything stands on are, and since when.

import type { DashboardClient, SessionsClient, Waiting } from "pilothouse-client";
import { create } from "zustand";

/** How one of them is. */
export interface Link {
  readonly is: "connecting" | "open" | "away" | "over";
  /** When that began, in milliseconds since 1970. */
  readonly since: number;
  /** When the next attempt is, of one that is away. */
  readonly nextAt?: number | undefined;
  /** Why, in words. */
  readonly reason?: string | undefined;
}

interface Connections {
  readonly dashboard: Link;
  readonly sessions: Link;
  /** Tries at once. */
  retry(): void;
}

const BEGINNING: Link = { is: "connecting", since: 0 };

/** The two connections of a tab. */
export const useConnections = create<Connections>()(() => ({
  dashboard: BEGINNING,
  sessions: BEGINNING,
  retry: () => {},
}));

/** The one that is worse off, or an open one: what the page says of itself. */
export function worst({ dashboard, sessions }: Connections): Link {
  const order = ["over", "away", "connecting", "open"] as const;
  return order.indexOf(dashboard.is) <= order.indexOf(sessions.is) ? dashboard : sessions;
}

const stateOf = {
  CONNECTED: "open",
  open: "open",
  CONNECTING: "connecting",
  connecting: "away",
  RECONNECTING: "away",
  waiting: "away",
  DISCONNECTED: "over",
  closed: "over",
  idle: "connecting",
} as const;

/** Watches both, until what it returns is called. */
export function attendConnections(
  dashboard: DashboardClient,
  sessions: SessionsClient,
  now: () => number = Date.now,
): () => void {
  const begun: Link = { is: "connecting", since: now() };
  const put = (name: "dashboard" | "sessions", change: Partial<Link>) => {
    const known = useConnections.getState()[name];
    const isFirst = known.is === "connecting" && change.is === "away";
    const is = isFirst ? "connecting" : (change.is ?? known.is);
    // Attempts that fail belong to the same absence.
    const since = is === known.is ? known.since : now();
    useConnections.setState({ [name]: { ...known, ...change, is, since } });
  };
  const waits = (name: "dashboard" | "sessions") => (waiting: Waiting) => {
    const known = useConnections.getState()[name];
    useConnections.setState({
      [name]: { ...known, is: "away", nextAt: now() + waiting.waitMs, reason: waiting.reason },
    });
  };
  useConnections.setState({
    dashboard: begun,
    sessions: begun,
    retry: () => {
      dashboard.reconnect();
      sessions.reconnect();
    },
  });
  const offs = [
    dashboard.on("state", (state) => put("dashboard", { is: stateOf[state] })),
    sessions.on("state", (state) => put("sessions", { is: stateOf[state] })),
    dashboard.on("reconnecting", waits("dashboard")),
    sessions.on("reconnecting", waits("sessions")),
    dashboard.on("closed", ({ message }) => put("dashboard", { is: "over", reason: message })),
    sessions.on("closed", ({ message }) => put("sessions", { is: "over", reason: message })),
  ];
  return () => {
    for (const off of offs) off();
  };
}
