// What a tab shows: the terminal of its worker, or that it is not there.

import { SquareX } from "lucide-react";
import { useCallback } from "react";
import { useMay } from "@/api/server";
import { useRestartWorker } from "@/features/sessions/acts";
import { TerminalView } from "@/features/terminal/TerminalView";
import { useLiveAgent } from "@/live/fleet";
import { Empty } from "@/ui/Emptiness";
import { tellFailure } from "@/ui/Toasts";
import { placeOf } from "./tabs";
import type { Place } from "./workers";

/** See the top of the file. */
export function WorkerView({
  tab,
  place,
  takesFocus,
  onRing,
}: {
  readonly tab: string;
  readonly place: Place | undefined;
  readonly takesFocus: boolean;
  readonly onRing: (tab: string, isOn: boolean) => void;
}) {
  const may = useMay();
  const restart = useRestartWorker();
  const agent = useLiveAgent(place?.session.agent ?? "")?.agent;
  const ring = useCallback(() => onRing(tab, true), [onRing, tab]);
  const attend = useCallback(() => onRing(tab, false), [onRing, tab]);
  if (place === undefined) {
    return (
      <Empty icon={<SquareX aria-hidden />} title="This worker is not there">
        It may have been removed, or it is about to come.
      </Empty>
    );
  }
  const { session, worker } = place;
  const isAway = session.status === "inactive";
  const begin = () =>
    restart.mutate(
      { session: session.id, worker: worker.id },
      { onError: (error) => tellFailure(`${worker.name} was not restarted`, error) },
    );
  return (
    <TerminalView
      {...placeOf(tab)}
      name={worker.name}
      takesFocus={takesFocus}
      agentAwaySince={isAway ? (agent?.lastActivity ?? Date.parse(session.createdAt)) : undefined}
      onRestart={may.act && !isAway && !restart.isPending ? begin : undefined}
      onBell={ring}
      onFocus={attend}
    />
  );
}
