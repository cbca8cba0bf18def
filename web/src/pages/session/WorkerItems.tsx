// What the menu of a worker does: where it is shown, links to what it printed, and its life.

import { useNavigate } from "@tanstack/react-router";
import {
  ArrowDownToLine,
  ArrowRightToLine,
  ClapperboardIcon,
  EyeOff,
  Link2,
  RotateCcw,
  ScrollText,
  SquareSplitHorizontal,
  SquareSplitVertical,
  Trash2,
} from "lucide-react";
import { serverUrl } from "@/api/place";
import { useAgentTypes } from "@/api/repositories";
import { useMay } from "@/api/server";
import { useRestartWorker } from "@/features/sessions/acts";
import { hiding, moved } from "@/features/workspace/arrangement";
import type { WorkspaceStore } from "@/features/workspace/store";
import { type Pane, panesOf, type Side } from "@/features/workspace/tiling";
import { MenuItem, MenuSeparator } from "@/ui/Menu";
import { useIsNarrow } from "@/ui/media";
import { tell, tellFailure } from "@/ui/Toasts";
import { copy } from "./copy";
import { tabOf } from "./tabs";
import type { Place } from "./workers";

const ICON = "size-4 text-muted";

/** See the top of the file. */
export function WorkerItems({
  pane,
  store,
  place,
  nameOf,
  onTerminal,
  onRemove,
}: {
  readonly pane: Pane;
  readonly store: WorkspaceStore;
  readonly place: Place;
  readonly nameOf: (tab: string) => string;
  /** Begins a terminal beside; without it none can be begun. */
  readonly onTerminal: ((side: Side) => void) | undefined;
  readonly onRemove: () => void;
}) {
  const may = useMay();
  const isNarrow = useIsNarrow();
  const params = { sessionId: place.session.id, workerId: place.worker.id };
  const tab = tabOf(params);
  return (
    <>
      {!isNarrow && <PlaceItems {...{ pane, store, tab, nameOf, onTerminal }} />}
      <MenuItem
        icon={<EyeOff aria-hidden className={ICON} />}
        onSelect={() => store.setState((now) => hiding(now, tab))}
      >
        Hide
      </MenuItem>
      <MenuSeparator />
      <LinkItems {...params} />
      {may.act && (
        <>
          <MenuSeparator />
          <LifeItems place={place} onRemove={onRemove} />
        </>
      )}
    </>
  );
}

function PlaceItems({
  pane,
  store,
  tab,
  nameOf,
  onTerminal,
}: {
  readonly pane: Pane;
  readonly store: WorkspaceStore;
  readonly tab: string;
  readonly nameOf: (tab: string) => string;
  readonly onTerminal: ((side: Side) => void) | undefined;
}) {
  const others = panesOf(store.getState().tiling).filter(({ id }) => id !== pane.id);
  const move = (to: string, side: Side) =>
    store.setState((now) => moved(now, tab, { pane: to, side }));
  return (
    <>
      {onTerminal !== undefined && (
        <>
          <MenuItem
            icon={<SquareSplitHorizontal aria-hidden className={ICON} />}
            onSelect={() => onTerminal("right")}
          >
            New terminal to the right
          </MenuItem>
          <MenuItem
            icon={<SquareSplitVertical aria-hidden className={ICON} />}
            onSelect={() => onTerminal("below")}
          >
            New terminal below
          </MenuItem>
        </>
      )}
      {pane.tabs.length > 1 && (
        <>
          <MenuItem
            icon={<ArrowRightToLine aria-hidden className={ICON} />}
            onSelect={() => move(pane.id, "right")}
          >
            Move to the right
          </MenuItem>
          <MenuItem
            icon={<ArrowDownToLine aria-hidden className={ICON} />}
            onSelect={() => move(pane.id, "below")}
          >
            Move below
          </MenuItem>
        </>
      )}
      {others.map(({ id, shown }) => (
        <MenuItem
          key={id}
          icon={<span aria-hidden className="size-4" />}
          onSelect={() => move(id, "inside")}
        >
          Move to {shown === undefined ? "the other pane" : nameOf(shown)}
        </MenuItem>
      ))}
    </>
  );
}

function LinkItems(params: { readonly sessionId: string; readonly workerId: string }) {
  const navigate = useNavigate();
  const link = `${serverUrl}/sessions/${params.sessionId}?worker=${params.workerId}`;
  return (
    <>
      <MenuItem
        icon={<ClapperboardIcon aria-hidden className={ICON} />}
        onSelect={() => void navigate({ to: "/history/recordings/$sessionId/$workerId", params })}
      >
        Recording
      </MenuItem>
      <MenuItem
        icon={<ScrollText aria-hidden className={ICON} />}
        onSelect={() => void navigate({ to: "/history/logs/$sessionId/$workerId", params })}
      >
        Log
      </MenuItem>
      <MenuItem
        icon={<Link2 aria-hidden className={ICON} />}
        onSelect={() => void copy(link, "The link")}
      >
        Copy link
      </MenuItem>
    </>
  );
}

function LifeItems({ place, onRemove }: { readonly place: Place; readonly onRemove: () => void }) {
  const { session, worker } = place;
  const types = useAgentTypes();
  const restart = useRestartWorker();
  const agentType = worker.type === "agent" ? worker.agentId : undefined;
  const type = types.data?.find(({ id }) => id === agentType);
  const isAway = session.status === "inactive";
  const begin = (continues: boolean) =>
    restart.mutate(
      { session: session.id, worker: worker.id, continues },
      {
        onSuccess: () => tell(`${worker.name} was restarted`),
        onError: (error) => tellFailure(`${worker.name} was not restarted`, error),
      },
    );
  return (
    <>
      <MenuItem
        icon={<RotateCcw aria-hidden className={ICON} />}
        onSelect={() => begin(false)}
        isDisabled={isAway || restart.isPending}
      >
        Restart
      </MenuItem>
      {type?.capabilities.supportsContinue && (
        <MenuItem
          icon={<RotateCcw aria-hidden className={ICON} />}
          onSelect={() => begin(true)}
          isDisabled={isAway || restart.isPending}
        >
          Restart and go on with its conversation
        </MenuItem>
      )}
      <MenuItem icon={<Trash2 aria-hidden className="size-4" />} onSelect={onRemove} isDanger>
        {worker.state === "ended" ? "Remove…" : "End and remove…"}
      </MenuItem>
    </>
  );
}
