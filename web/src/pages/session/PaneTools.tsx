// Buttons behind the tabs of a pane: a new worker, filling the window, and what can be done with the shown one.

import { Ellipsis, Maximize2, Minimize2, Plus } from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { useState } from "react";
import { useStore } from "zustand";
import { useAgentTypes } from "@/api/repositories";
import { useMay } from "@/api/server";
import { useAddWorker } from "@/features/sessions/acts";
import type { WorkerDraft } from "@/features/sessions/WorkerFields";
import { moved, opened } from "@/features/workspace/arrangement";
import type { WorkspaceStore } from "@/features/workspace/store";
import { type Pane, panesOf, type Side } from "@/features/workspace/tiling";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { useIsNarrow } from "@/ui/media";
import { tellFailure } from "@/ui/Toasts";
import { BringIn } from "./BringIn";
import { RemoveWorker } from "./RemoveWorker";
import { tabOf } from "./tabs";
import { WorkerItems } from "./WorkerItems";
import type { Place } from "./workers";

type Session = sessionsAndWorkers.Session;

/** See the top of the file. */
export function PaneTools({
  pane,
  store,
  home,
  place,
  nameOf,
  onAdd,
}: {
  readonly pane: Pane;
  readonly store: WorkspaceStore;
  readonly home: Session | undefined;
  readonly place: Place | undefined;
  readonly nameOf: (tab: string) => string;
  /** Begins a worker that has to be written about first. */
  readonly onAdd: (session: Session, kind: WorkerDraft["kind"], side?: Side) => void;
}) {
  const may = useMay();
  const session = home ?? place?.session;
  const panes = useStore(store, ({ tiling }) => panesOf(tiling).length);
  const maximised = useStore(store, (now) => now.maximised);
  const isNarrow = useIsNarrow();
  const [removing, setRemoving] = useState<Place>();
  const [isBringing, setBringing] = useState(false);
  const isFull = maximised === pane.id;
  const begin = useTerminal(store, pane.id);
  const canAdd = may.act && session !== undefined && session.status === "active";
  return (
    <>
      {canAdd && (
        <AddMenu
          session={session}
          store={store}
          nameOf={nameOf}
          onTerminal={() => begin(session, "inside")}
          onAdd={(kind) => onAdd(session, kind)}
          onBring={() => setBringing(true)}
        />
      )}
      {panes > 1 && !isNarrow && (
        <IconButton
          size="small"
          label={isFull ? "Show all panes (Ctrl Alt Enter)" : "Fill the window (Ctrl Alt Enter)"}
          onClick={() => store.setState({ maximised: isFull ? undefined : pane.id })}
        >
          {isFull ? (
            <Minimize2 aria-hidden className="size-3.5" />
          ) : (
            <Maximize2 aria-hidden className="size-3.5" />
          )}
        </IconButton>
      )}
      {place !== undefined && (
        <Menu
          trigger={
            <IconButton size="small" label={`Actions for ${place.worker.name}`}>
              <Ellipsis aria-hidden className="size-4" />
            </IconButton>
          }
        >
          <WorkerItems
            {...{ pane, store, place, nameOf }}
            onTerminal={canAdd ? (side) => begin(session, side) : undefined}
            onRemove={() => setRemoving(place)}
          />
        </Menu>
      )}
      {isBringing && <BringIn store={store} onClose={() => setBringing(false)} />}
      <RemoveWorker place={removing} onClose={() => setRemoving(undefined)} />
    </>
  );
}

/** Begins a terminal, and shows it in or beside a pane. */
function useTerminal(store: WorkspaceStore, pane: string) {
  const adding = useAddWorker();
  return (session: Session, side: Side) =>
    adding.mutate(
      { session: session.id, type: "terminal" },
      {
        onSuccess: ({ id }) => {
          const tab = tabOf({ sessionId: session.id, workerId: id });
          store.setState((now) => moved(now, tab, { pane, side }));
        },
        onError: (error) => tellFailure("The terminal did not begin", error),
      },
    );
}

function AddMenu({
  session,
  store,
  nameOf,
  onTerminal,
  onAdd,
  onBring,
}: {
  readonly session: Session;
  readonly store: WorkspaceStore;
  readonly nameOf: (tab: string) => string;
  readonly onTerminal: () => void;
  readonly onAdd: (kind: WorkerDraft["kind"]) => void;
  readonly onBring: () => void;
}) {
  const types = useAgentTypes();
  const hidden = useStore(store, (now) => now.hidden);
  return (
    <Menu
      trigger={
        <IconButton size="small" label={`New worker in ${session.title ?? session.locationPath}`}>
          <Plus aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem onSelect={onTerminal}>Terminal</MenuItem>
      {types.data?.map(({ id, name }) => (
        <MenuItem key={id} onSelect={() => onAdd(`agent:${id}`)}>
          {name}…
        </MenuItem>
      ))}
      <MenuSeparator />
      {hidden.map((tab) => (
        <MenuItem key={tab} onSelect={() => store.setState((now) => opened(now, tab))}>
          Show {nameOf(tab)}
        </MenuItem>
      ))}
      <MenuItem onSelect={onBring}>Terminals of other sessions…</MenuItem>
    </Menu>
  );
}
