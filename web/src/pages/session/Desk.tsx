// Terminals of workers in a workspace: what their tabs look like, what they show, and what can be done with them.

import type { sessionsAndWorkers } from "pilothouse-client";
import { useState } from "react";
import { useMay } from "@/api/server";
import { TerminalsProvider } from "@/features/terminal/TerminalsProvider";
import { moved, opened } from "@/features/workspace/arrangement";
import { workspaceKey } from "@/features/workspace/keys";
import type { Showing } from "@/features/workspace/PaneView";
import type { WorkspaceStore } from "@/features/workspace/store";
import type { Side } from "@/features/workspace/tiling";
import { Workspace } from "@/features/workspace/Workspace";
import { useSessions } from "@/live/sessions";
import { useKeyboardMark } from "@/ui/media";
import { Adding, type AddingTo } from "./Adding";
import { PaneTools } from "./PaneTools";
import { tabOf } from "./tabs";
import { useFaces } from "./useFaces";
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
  const { faceOf, ring } = useFaces(store, home?.id);
  const [adding, setAdding] = useState<AddingTo>();
  useKeyboardMark();
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
