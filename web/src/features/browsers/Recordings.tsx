// Recordings of a session's browser: which there are, and to replay, export or delete them.

import { Link } from "@tanstack/react-router";
import { Download, Play, Square, Trash2 } from "lucide-react";
import type { PictureRecording } from "pilothouse-client";
import { useState } from "react";
import { useRecordingActs, useRecordings } from "@/api/browsers";
import { useMay } from "@/api/server";
import { Age } from "@/ui/Age";
import { bytes } from "@/ui/ages";
import { Badge } from "@/ui/Badge";
import { Button, buttonLook, IconButton } from "@/ui/Button";
import { Confirmation, Dialog } from "@/ui/Dialog";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { Moment } from "@/ui/Moment";
import { save } from "@/ui/save";
import { clockOf } from "@/ui/spans";
import { tell, tellFailure } from "@/ui/Toasts";

/** See the top of the file. */
export function RecordingsDialog({
  sessionId,
  isOpen,
  onClose,
}: {
  readonly sessionId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const list = useRecordings(sessionId, isOpen);
  const [removed, setRemoved] = useState<PictureRecording>();
  const acts = useRecordingActs(sessionId);
  return (
    <>
      <Dialog
        isOpen={isOpen}
        onClose={onClose}
        title="Recordings"
        footer={
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        }
      >
        {list.isPending && <Skeleton rows={3} />}
        {list.isError && <Failure error={list.error} onRetry={() => void list.refetch()} />}
        {list.data?.length === 0 && (
          <Empty title="Nothing was recorded yet">
            What is recorded is every picture, with its time, as people saw it.
          </Empty>
        )}
        <ul className="flex flex-col divide-y">
          {list.data?.map((recording) => (
            <Recording
              key={recording.id}
              {...{ sessionId, recording }}
              onRemove={() => setRemoved(recording)}
            />
          ))}
        </ul>
      </Dialog>
      <Confirmation
        isOpen={removed !== undefined}
        onClose={() => setRemoved(undefined)}
        title="Delete this recording?"
        action="Delete the recording"
        onConfirm={async () => {
          if (removed === undefined) return;
          await acts.remove(removed.id);
          tell("The recording was deleted");
        }}
      >
        Its pictures cannot be had again.
      </Confirmation>
    </>
  );
}

function Recording({
  sessionId,
  recording,
  onRemove,
}: {
  readonly sessionId: string;
  readonly recording: PictureRecording;
  readonly onRemove: () => void;
}) {
  const { act } = useMay();
  const acts = useRecordingActs(sessionId);
  const [isBusy, setBusy] = useState(false);
  const isRunning = recording.endedAt === null || recording.endedAt === undefined;
  const tried = async (what: string, run: () => Promise<void>) => {
    setBusy(true);
    try {
      await run();
    } catch (error) {
      tellFailure(what, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <div className="min-w-40 flex-1">
        <p className="font-medium">
          <Moment at={recording.startedAt} /> {isRunning && <Badge tone="bad">recording</Badge>}
        </p>
        <p className="text-small text-muted">
          {isRunning ? <Age since={recording.startedAt} /> : clockOf(recording.durationMs)} ·{" "}
          {recording.pictures} pictures · {bytes(recording.bytes)}
        </p>
      </div>
      {isRunning && act && (
        <Button
          size="small"
          isBusy={isBusy}
          icon={<Square aria-hidden className="size-4" />}
          onClick={() => tried("The recording goes on", () => acts.stop(recording.id))}
        >
          Stop
        </Button>
      )}
      <Link
        to="/live/$sessionId/recordings/$recordingId"
        params={{ sessionId, recordingId: recording.id }}
        className={buttonLook("plain", "small")}
      >
        <Play aria-hidden className="size-4" /> Replay
      </Link>
      <IconButton
        label="Export"
        size="small"
        isBusy={isBusy}
        onClick={() =>
          tried("The recording could not be exported", async () =>
            save(await acts.exported(recording.id), `${recording.id}.tar`),
          )
        }
      >
        <Download aria-hidden className="size-4" />
      </IconButton>
      {act && (
        <IconButton label="Delete" size="small" disabled={isRunning} onClick={onRemove}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      )}
    </li>
  );
}
