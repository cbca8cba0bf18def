// The page "Session": its workers in tabs and splits, each with its terminal.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { CircleSlash, SquareTerminal } from "lucide-react";
import { RestError, type sessionsAndWorkers } from "pilothouse-client";
import { useMemo, useState } from "react";
import { useMay, useServer } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { AddWorker } from "@/features/sessions/AddWorker";
import { sessionName } from "@/features/sessions/standing";
import { opened, tiled } from "@/features/workspace/arrangement";
import { columnsFor } from "@/features/workspace/geometry";
import type { WorkspaceStore } from "@/features/workspace/store";
import { tabsOf } from "@/features/workspace/tiling";
import { useSessions } from "@/live/sessions";
import { Button, buttonLook } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { Desk } from "./Desk";
import { SessionHeader } from "./SessionHeader";
import { tabOf } from "./tabs";
import { aspectNow, useSessionWorkspace } from "./useSessionWorkspace";

/** The page. */
export function Page() {
  const { sessionId } = useParams({ from: "/sessions/$sessionId" });
  const { data: sessions } = useSessions();
  const session = sessions?.get(sessionId);
  // What was there a moment ago and is no longer told was ended; nobody has to be asked about it.
  const [seen, setSeen] = useState(session);
  if (session !== undefined && session !== seen) setSeen(session);
  // Made anew for another session: nothing of one is shown in another.
  if (session !== undefined) return <SessionDesk key={sessionId} session={session} />;
  if (sessions !== undefined && seen?.id === sessionId) return <Gone name={sessionName(seen)} />;
  return <Missing sessionId={sessionId} isTold={sessions !== undefined} />;
}

function Gone({ name }: { readonly name: string }) {
  return (
    <>
      <PageHeader title={name} documentTitle={name} />
      <Empty
        icon={<CircleSlash aria-hidden />}
        title="This session is not there any more"
        action={
          <Link to="/sessions" className={buttonLook()}>
            All sessions
          </Link>
        }
      >
        It was ended, here or by somebody else. Its folder stays unless its worktree was deleted
        too.
      </Empty>
    </>
  );
}

/** A session that is not told: it is not told yet, it is new, or it is gone. */
function Missing({ sessionId, isTold }: { readonly sessionId: string; readonly isTold: boolean }) {
  const { rest } = useServer();
  const asked = useQuery({
    queryKey: ["session", sessionId],
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/sessions/{session}", { path: { session: sessionId }, signal }),
    enabled: isTold,
    staleTime: 0,
  });
  if (asked.error instanceof RestError && asked.error.status === 404)
    return <Gone name="Session" />;
  return (
    <>
      <PageHeader title="Session" documentTitle="Session" />
      {asked.isError ? (
        <Failure error={asked.error} onRetry={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={4} />
      )}
    </>
  );
}

function SessionDesk({ session }: { readonly session: sessionsAndWorkers.Session }) {
  const store = useSessionWorkspace(session);
  const [isAdding, setAdding] = useState(false);
  useEntries(session, store, () => setAdding(true));
  return (
    <>
      <SessionHeader session={session} store={store} />
      <Desk
        store={store}
        home={session}
        empty={<NoTabs session={session} store={store} onAdd={() => setAdding(true)} />}
      />
      <AddWorker
        session={isAdding ? session : undefined}
        onClose={() => setAdding(false)}
        onAdded={({ id }) =>
          store.setState((now) => opened(now, tabOf({ sessionId: session.id, workerId: id })))
        }
      />
    </>
  );
}

function NoTabs({
  session,
  store,
  onAdd,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly store: WorkspaceStore;
  readonly onAdd: () => void;
}) {
  const may = useMay();
  const { workers } = session;
  const showAll = () =>
    store.setState((now) =>
      workers.reduce(
        (next, { id }) => opened(next, tabOf({ sessionId: session.id, workerId: id })),
        now,
      ),
    );
  if (workers.length > 0) {
    return (
      <Empty
        icon={<SquareTerminal aria-hidden />}
        title="All terminals are hidden"
        action={<Button onClick={showAll}>Show all {workers.length}</Button>}
      >
        What runs in them goes on.
      </Empty>
    );
  }
  return (
    <Empty
      icon={<SquareTerminal aria-hidden />}
      title="Nothing runs here yet"
      action={
        may.act &&
        session.status === "active" && (
          <Button kind="primary" onClick={onAdd}>
            New worker
          </Button>
        )
      }
    >
      A worker is a terminal or a command line agent in{" "}
      <span className="font-mono text-small">{session.locationPath}</span>.
    </Empty>
  );
}

function useEntries(
  session: sessionsAndWorkers.Session,
  store: WorkspaceStore,
  onAdd: () => void,
): void {
  const may = useMay();
  const navigate = useNavigate();
  const [add] = useState(() => onAdd);
  const name = sessionName(session);
  const entries = useMemo(() => {
    const group = "This page";
    const grid = () =>
      store.setState((now) =>
        tiled(now, columnsFor(Math.min(8, tabsOf(now.tiling).length), aspectNow())),
      );
    const all = [
      {
        id: "session grid",
        label: "Terminals side by side",
        group,
        words: "grid tile split",
        run: grid,
      },
      {
        id: "session list",
        label: "All sessions",
        group,
        run: () => void navigate({ to: "/sessions" }),
      },
    ];
    const adding = { id: "session add", label: `New worker in ${name}…`, group, run: add };
    return may.act ? [adding, ...all] : all;
  }, [store, navigate, add, may.act, name]);
  usePaletteEntries(entries);
}
