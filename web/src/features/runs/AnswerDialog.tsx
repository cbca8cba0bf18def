// Answers a run where attention shows, with the newest picture of what it is at.

import { Link } from "@tanstack/react-router";
import { useRun } from "@/api/runs";
import { Button, buttonLook } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { AnswerForm } from "./AnswerForm";
import { StepPicture } from "./StepPicture";
import { runName } from "./standing";

/** See the top of the file. */
export function AnswerDialog({
  runId,
  onClose,
}: {
  readonly runId: string;
  readonly onClose: () => void;
}) {
  const known = useRun(runId);
  const { run, steps } = known.data ?? {};
  const last = steps?.findLast(({ hasScreenshot }) => hasScreenshot);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={run === undefined ? "A run" : runName(run)}
      footer={
        <>
          <Link
            to="/runs/$runId"
            params={{ runId }}
            onClick={onClose}
            className={buttonLook("plain")}
          >
            Look at the run
          </Link>
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {known.isPending && <Skeleton rows={3} />}
      {known.isError && run === undefined && (
        <Failure error={known.error} onRetry={() => void known.refetch()} />
      )}
      {run !== undefined && last !== undefined && (
        <StepPicture
          runId={runId}
          step={last}
          label={`The page after step ${last.number}`}
          className="mb-3 aspect-video overflow-hidden rounded-md"
        />
      )}
      {run?.waiting != null && <AnswerForm run={run} wait={run.waiting} onAnswered={onClose} />}
      {run !== undefined && run.waiting == null && (
        <p className="pb-2 text-muted">It waits for nobody any more.</p>
      )}
    </Dialog>
  );
}
