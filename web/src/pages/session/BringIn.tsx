// Finds terminals of any session, to show them in a workspace beside those that are there.

import type { sessionsAndWorkers } from "pilothouse-client";
import { useMemo, useState } from "react";
import { sessionName, standingOf } from "@/features/sessions/standing";
import { WorkerChip } from "@/features/sessions/WorkerMark";
import { opened } from "@/features/workspace/arrangement";
import type { WorkspaceStore } from "@/features/workspace/store";
import { tabsOf } from "@/features/workspace/tiling";
import { type Sessions, useActivities, useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { Rows } from "@/ui/Rows";
import { tabOf } from "./tabs";
import type { Place } from "./workers";

/** The workers that have all words, in a session's name, folder or agent, or their own name. */
function workersWith(sessions: Sessions, typed: string): readonly Place[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return [...sessions.values()].flatMap((session) => {
    const about = `${session.title ?? ""} ${session.locationPath} ${session.agent}`.toLowerCase();
    return session.workers
      .filter(({ name }) => words.every((word) => `${about} ${name.toLowerCase()}`.includes(word)))
      .map((worker) => ({ session, worker }));
  });
}

/** The dialog. */
export function BringIn({
  store,
  onClose,
}: {
  readonly store: WorkspaceStore;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [shown, setShown] = useState<ReadonlySet<string>>(
    () => new Set(tabsOf(store.getState().tiling)),
  );
  const sessions = useSessions().data;
  const found = useMemo(
    () => (sessions === undefined ? [] : workersWith(sessions, typed)),
    [sessions, typed],
  );
  const bring = ({ session, worker }: Place) => {
    const tab = tabOf({ sessionId: session.id, workerId: worker.id });
    store.setState((now) => opened(now, tab));
    setShown(new Set([...shown, tab]));
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Show terminals of any session"
      description="They become tabs of the pane that has the focus."
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex h-[50dvh] flex-col gap-2 pb-2">
        <TextField
          label="Find"
          hidesLabel
          placeholder="Session, folder, agent, worker"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {found.length === 0 && <p className="py-4 text-center text-muted">Nothing fits.</p>}
        <Rows items={found} keyOf={({ worker }) => worker.id} rowHeight={40} label="Terminals">
          {(place) => (
            <Row
              place={place}
              isShown={shown.has(tabOf({ sessionId: place.session.id, workerId: place.worker.id }))}
              onBring={() => bring(place)}
            />
          )}
        </Rows>
      </div>
    </Dialog>
  );
}

function Row({
  place: { session, worker },
  isShown,
  onBring,
}: {
  readonly place: Place;
  readonly isShown: boolean;
  readonly onBring: () => void;
}) {
  const activity = useActivities(
    (all): sessionsAndWorkers.AgentActivityState => all.get(worker.id) ?? "unknown",
  ).data;
  return (
    <div className="flex h-10 items-center gap-2 border-b">
      <span className="min-w-0 flex-1 truncate">{sessionName(session)}</span>
      <WorkerChip
        worker={worker}
        standing={standingOf(worker, activity ?? "unknown", session.status)}
      />
      <Button size="small" onClick={onBring} disabled={isShown}>
        {isShown ? "Shown" : "Show"}
        <span className="sr-only">
          {" "}
          {worker.name} in {sessionName(session)}
        </span>
      </Button>
    </div>
  );
}
