// Listens to the sockets, and has what is worth it told.

import type { DashboardClient, dashboard, SessionsClient } from "pilothouse-client";
import type { Server } from "@/api/server";
import { attendNoticePreferences, useNoticePreferences } from "@/features/notices/preferences";
import { type Notice, Notices } from "@/live/notices";
import { gathered } from "./gather";
import { tellNotice } from "./tell";

/** Things that happen this close together are told together. */
const GATHER_MS = 400;

/** Gathers notices, and hands them on together. */
function collector(hand: (notice: Notice) => void) {
  let waiting: Notice[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    add(notice: Notice | undefined): void {
      if (notice === undefined) return;
      waiting.push(notice);
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const one of gathered(waiting.splice(0))) hand(one);
      }, GATHER_MS);
    },
    stop(): void {
      clearTimeout(timer);
      waiting = [];
    },
  };
}

/** What the dashboard tells. */
function followDashboard(
  client: DashboardClient,
  notices: Notices,
  add: (notice: Notice | undefined) => void,
) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const plan = () => {
    clearTimeout(timer);
    const { dueAt } = notices;
    if (dueAt === undefined) return;
    timer = setTimeout(
      () => {
        for (const notice of notices.due()) add(notice);
        plan();
      },
      Math.max(0, dueAt - Date.now()),
    );
  };
  const agent = (changed: dashboard.Agent) => {
    add(notices.agent(changed));
    plan();
  };
  const offs = [
    client.on("lost", () => {
      notices.dashboardLost();
      plan();
    }),
    client.on("resynced", () => notices.dashboardSynced()),
    client.on("queue", (queue) => notices.queue(queue)),
    client.on("agents", (agents) => notices.agents(agents)),
    client.on("agent", agent),
    client.on("attention", (item) => {
      const { agentId = "" } = item;
      add(notices.attention(item, client.agents.get(agentId)?.name ?? agentId));
    }),
    client.on("status", (status) => {
      const name = client.agents.get(status.agentId)?.name ?? status.agentId;
      add(notices.status(status, name));
    }),
  ];
  return () => {
    for (const off of offs) off();
    clearTimeout(timer);
  };
}

/** What the sessions' door tells. */
function followSessions(
  client: SessionsClient,
  notices: Notices,
  add: (notice: Notice | undefined) => void,
) {
  let known = new Map(client.sessions);
  const offs = [
    client.on("lost", () => notices.sessionsLost()),
    client.on("sync", (sessions) => {
      known = new Map(sessions);
      notices.synced(sessions.values(), (id) => client.activityOf(id));
    }),
    client.on("created", (session) => {
      known.set(session.id, session);
      for (const notice of notices.session(session)) add(notice);
    }),
    client.on("updated", (session) => {
      known.set(session.id, session);
      for (const notice of notices.session(session)) add(notice);
    }),
    client.on("deleted", (id) => {
      notices.forget(known.get(id));
      known.delete(id);
    }),
    client.on("activity", ({ sessionId, workerId, activityState }) =>
      add(notices.activity(client.sessions.get(sessionId), workerId, activityState)),
    ),
  ];
  return () => {
    for (const off of offs) off();
  };
}

/** Tells what happens, until what it returns is called. */
export function attendNotices({ dashboard, sessions, user }: Server): () => void {
  const names = new Set([user.id, user.username, user.name]);
  const listening = () => ({
    names,
    isOwnAlone: useNoticePreferences.getState().chosen.isOwnAlone,
  });
  const notices = new Notices(listening, Date.now);
  const collected = collector((notice) => void tellNotice(notice));
  const ends = [
    followDashboard(dashboard, notices, collected.add),
    followSessions(sessions, notices, collected.add),
    attendNoticePreferences(),
    collected.stop,
  ];
  return () => {
    for (const end of ends) end();
  };
}
