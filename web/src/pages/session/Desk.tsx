// Terminals of workers in a workspace: what their tabs look like, what they show, and what can be done with them.

import type { sessionsAndWorkers } from "pilothouse-client";
import { useCallback, useMemo, useState } from "react";
import { useMay } from "@/api/server";
import { sessionName, standingOf, standingWords } from "@/features/sessions/standing";
import { KindShape, StandingShape } from "@/features/sessions/WorkerMark";
import { TerminalsProvider } from "@/features/terminal/TerminalsProvider";
import { moved, opened } from "@/features/workspace/arrangement";
import { workspaceKey } from "@/features/workspace/keys";
import type { Showing } from "@/features/workspace/PaneView";
import type { WorkspaceStore } from "@/features/workspace/store";
import type { TabFace } from "@/features/workspace/TabStrip";
import type { Side } from "@/features/workspace/tiling";
import { Workspace } from "@/features/workspace/Workspace";
import { type Activities, type Sessions, useActivities, useSessions } from "@/live/sessions";
import { useKeyboardMark } from "@/ui/media";
import { Adding, type AddingTo } from "./Adding";
import { PaneTools } from "./PaneTools";
import { tabOf } from "./tabs";
import { WorkerView } from "./WorkerView";
import { workerOf } from "./workers";

/** See the top of the file. */
export function Desk({
  store,
  home,
  empty,
}: {
  readonly store: WorkspaceStore;
  /** The session whose desk it is; a wall has none. */
  readonly home?: sessionsAndWorkers.Session | undefined;
  readonly empty: React.ReactNode;
}) {
  const may = useMay();
  const sessions = useSessions().data;
  const activities = useActivities().data;
  const [adding, setAdding] = useState<AddingTo>();
  const [rung, setRung] = useState<ReadonlySet<string>>(new Set());
  useKeyboardMark();
  const faceOf = useMemo(
    () => (tab: string) => face(tab, { sessions, activities, home, rung }),
    [sessions, activities, home, rung],
  );
  const ring = useCallback((tab: string, isOn: boolean) => {
    setRung((now) => {
      if (now.has(tab) === isOn) return now;
      const next = new Set(now);
      if (isOn) next.add(tab);
      else next.delete(tab);
      return next;
    });
  }, []);
  const added = (workerId: string, to: AddingTo) => {
    const tab = tabOf({ sessionId: to.session.id, workerId });
    const { pane, side } = to;
    if (pane === undefined) store.setState((now) => opened(now, tab));
    else store.setState((now) => moved(now, tab, { pane, side: side ?? "inside" }));
  };
  const content = (tab: string, { takesFocus }: Showing) => (
    <WorkerView
      key={tab}
      tab={tab}
      place={workerOf(sessions, tab)}
      takesFocus={takesFocus}
      onRing={ring}
    />
  );
  return (
    <TerminalsProvider isReserved={isReserved}>
      <Workspace
        store={store}
        faceOf={faceOf}
        content={content}
        tools={(pane) => (
          <PaneTools
            pane={pane}
            store={store}
            home={home}
            place={pane.shown === undefined ? undefined : workerOf(sessions, pane.shown)}
            nameOf={(tab) => faceOf(tab).name}
            onAdd={(session, kind, side?: Side) =>
              setAdding({ session, kind, pane: pane.id, side })
            }
          />
        )}
        empty={empty}
      />
      {may.act && <Adding adding={adding} onClose={() => setAdding(undefined)} onAdded={added} />}
    </TerminalsProvider>
  );
}

/** Keys of the workspace are never typed into a terminal. */
const isReserved = (event: KeyboardEvent): boolean => workspaceKey(event) !== undefined;

function face(
  tab: string,
  {
    sessions,
    activities,
    home,
    rung,
  }: {
    readonly sessions: Sessions | undefined;
    readonly activities: Activities | undefined;
    readonly home: sessionsAndWorkers.Session | undefined;
    readonly rung: ReadonlySet<string>;
  },
): TabFace {
  const found = workerOf(sessions, tab);
  if (found === undefined) {
    return { name: "Worker", kind: null, mark: null, words: "not known yet", isAlarmed: false };
  }
  const { session, worker } = found;
  const standing = standingOf(worker, activities?.get(worker.id) ?? "unknown", session.status);
  const isForeign = session.id !== home?.id;
  const words = standingWords(standing, worker);
  const hasRung = rung.has(tab);
  return {
    name: isForeign ? `${worker.name} in ${sessionName(session)}` : worker.name,
    kind: <KindShape type={worker.type} />,
    mark: <StandingShape standing={standing} />,
    words: hasRung ? `${words}, rang` : words,
    isAlarmed: standing === "asking" || hasRung,
  };
}
