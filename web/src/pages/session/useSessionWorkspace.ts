// The arrangement of a session's workspace: as it was left, kept true to the workers there are, led by the address.

import { useNavigate, useSearch } from "@tanstack/react-router";
import type { sessionsAndWorkers } from "pilothouse-client";
import { useEffect, useRef, useState } from "react";
import { opened, reconciled, restored, tiled } from "@/features/workspace/arrangement";
import { columnsFor } from "@/features/workspace/geometry";
import { makeWorkspace, type WorkspaceStore } from "@/features/workspace/store";
import { panesOf, tabsOf } from "@/features/workspace/tiling";
import { type Sessions, useSessions } from "@/live/sessions";
import { placeOf, tabOf } from "./tabs";

type Session = sessionsAndWorkers.Session;

const tabsIn = ({ id, workers }: Session): readonly string[] =>
  workers.map((worker) => tabOf({ sessionId: id, workerId: worker.id }));

/** Whether a tab is of a worker that is there. */
const isThere = (sessions: Sessions, tab: string): boolean => {
  const { sessionId, workerId } = placeOf(tab);
  return sessions.get(sessionId)?.workers.some(({ id }) => id === workerId) ?? false;
};

/** How long the focus has to stay before the address names it. */
const PAUSE_MS = 150;

/** What surrounds the place on a desk. */
const AROUND = { width: 192, height: 100 };

/** How wide the place is for its height. */
export const aspectNow = (): number =>
  Math.max(200, innerWidth - AROUND.width) / Math.max(200, innerHeight - AROUND.height);

/** The arrangement of one session; the caller is made anew for another one. */
export function useSessionWorkspace(session: Session): WorkspaceStore {
  const sessions = useSessions().data;
  const [store] = useState(() =>
    makeWorkspace(session.id, { shelf: localStorage, tabs: tabsIn(session) }),
  );
  useEffect(() => {
    if (sessions === undefined) return;
    const own = tabsIn(session);
    const foreign = (tab: string) =>
      placeOf(tab).sessionId !== session.id && isThere(sessions, tab);
    store.setState((now) => reconciled(now, { own, foreign }));
  }, [store, session, sessions]);
  useAddress(store, session);
  return store;
}

/** The worker that has the focus. */
const focusedWorker = (store: WorkspaceStore): string | undefined => {
  const { tiling, focused } = store.getState();
  const shown = panesOf(tiling).find(({ id }) => id === focused)?.shown;
  return shown === undefined ? undefined : placeOf(shown).workerId;
};

/** Does what the address says, and has it name the worker that has the focus. */
function useAddress(store: WorkspaceStore, session: Session): void {
  const { worker, layout } = useSearch({ from: "/sessions/$sessionId" });
  const navigate = useNavigate();
  const written = useRef<string>(undefined);
  useEffect(() => {
    if (layout === undefined) return;
    if (layout === "grid") store.setState((now) => tiled(now, columnsFor(eight(now), aspectNow())));
    else store.setState((now) => restored({ layout, hidden: [] }) ?? now);
    void navigate({
      to: "/sessions/$sessionId",
      params: { sessionId: session.id },
      search: worker === undefined ? {} : { worker },
      replace: true,
    });
  }, [store, session.id, layout, worker, navigate]);
  useEffect(() => {
    if (worker === undefined || worker === written.current) return;
    const tab = tabOf({ sessionId: session.id, workerId: worker });
    if (worker !== focusedWorker(store)) store.setState((now) => opened(now, tab));
  }, [store, session.id, worker]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = () => {
      const focused = focusedWorker(store);
      if (focused === undefined || focused === written.current) return;
      written.current = focused;
      void navigate({
        to: "/sessions/$sessionId",
        params: { sessionId: session.id },
        search: (old) => ({ ...old, worker: focused }),
        replace: true,
      });
    };
    // Whoever goes through several is followed to the last one.
    const end = store.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(write, PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [store, session.id, navigate]);
}

const eight = ({ tiling }: { readonly tiling: Parameters<typeof tabsOf>[0] }): number =>
  Math.min(8, tabsOf(tiling).length);
