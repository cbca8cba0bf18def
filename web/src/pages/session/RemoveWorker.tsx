// Asks before a worker is taken out of its session.

import { useRemoveWorker } from "@/features/sessions/acts";
import { Confirmation } from "@/ui/Dialog";
import type { Place } from "./workers";

/** The confirmation, for as long as a worker is given. */
export function RemoveWorker({
  place,
  onClose,
}: {
  readonly place: Place | undefined;
  readonly onClose: () => void;
}) {
  const remove = useRemoveWorker();
  const isRunning = place?.worker.state !== "ended";
  return (
    <Confirmation
      isOpen={place !== undefined}
      onClose={onClose}
      title={`${isRunning ? "End and remove" : "Remove"} ${place?.worker.name ?? ""}?`}
      action={isRunning ? "End and remove" : "Remove"}
      onConfirm={async () => {
        if (place === undefined) return;
        await remove.mutateAsync({ session: place.session.id, worker: place.worker.id });
      }}
    >
      {isRunning
        ? "What runs in it ends, for everybody. To put it out of sight and let it go on, hide it instead."
        : "It goes for everybody. What it printed can no longer be opened here."}
    </Confirmation>
  );
}
