// Begins workers from a workspace: terminals at once, command line agents after their prompt was written.

import type { sessionsAndWorkers } from "pilothouse-client";
import { AddWorker } from "@/features/sessions/AddWorker";
import type { WorkerDraft } from "@/features/sessions/WorkerFields";
import type { Side } from "@/features/workspace/tiling";

/** What is about to be added, and where it is to be shown. */
export interface AddingTo {
  readonly session: sessionsAndWorkers.Session;
  readonly kind: WorkerDraft["kind"];
  /** In the pane that has the focus, if absent. */
  readonly pane?: string | undefined;
  readonly side?: Side | undefined;
}

/** The dialog, while something is about to be added. */
export function Adding({
  adding,
  onClose,
  onAdded,
}: {
  readonly adding: AddingTo | undefined;
  readonly onClose: () => void;
  readonly onAdded: (workerId: string, to: AddingTo) => void;
}) {
  if (adding === undefined) return null;
  return (
    <AddWorker
      session={adding.session}
      first={adding.kind}
      onClose={onClose}
      onAdded={({ id }) => onAdded(id, adding)}
    />
  );
}
