// The page "Recording of a browser": what was to be seen, played again.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft, Download } from "lucide-react";
import { useCallback, useState } from "react";
import { useRecordingActs } from "@/api/browsers";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { ReelView } from "@/features/browsers/replay/ReelView";
import { sessionName } from "@/features/sessions/standing";
import { useSessions } from "@/live/sessions";
import { bytes } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { save } from "@/ui/save";
import { tellFailure } from "@/ui/Toasts";

/** The page. What it gives is said, or the router's types would be made of themselves. */
export function Page(): React.ReactNode {
  const { sessionId, recordingId } = useParams({
    from: "/live/$sessionId/recordings/$recordingId",
  });
  const { rest } = useServer();
  const session = useSessions((all) => all.get(sessionId)).data;
  const path = { session: sessionId, recording: recordingId };
  const index = useQuery({
    queryKey: [...keys.recordings(sessionId), recordingId],
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/sessions/{session}/recordings/{recording}", { path, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const fetch = useCallback(
    async (n: number, signal: AbortSignal) => {
      const route =
        "GET /api/v1/sessions/{session}/recordings/{recording}/pictures/{picture}" as const;
      const call = {
        path: { session: sessionId, recording: recordingId, picture: String(n) },
        signal,
      };
      return createImageBitmap(await (await rest.response(route, call)).blob());
    },
    [rest, sessionId, recordingId],
  );
  const name = session === undefined ? sessionId : sessionName(session);
  const recording = index.data?.recording;
  return (
    <>
      <PageHeader
        documentTitle={`${name} · Recording`}
        title={
          <span className="flex min-w-0 items-center gap-1">
            <Link
              to="/live/$sessionId"
              params={{ sessionId }}
              aria-label={`The browser of ${name}`}
              title={`The browser of ${name}`}
              className="-ml-2 rounded-md p-1 text-muted hover:bg-sunken hover:text-ink"
            >
              <ChevronLeft aria-hidden className="size-5" />
            </Link>
            <span className="truncate">Recording of {name}</span>
          </span>
        }
        lead={
          recording !== undefined && (
            <span className="text-small text-muted">
              <Moment at={recording.startedAt} /> · {recording.pictures} pictures ·{" "}
              {bytes(recording.bytes)}
            </span>
          )
        }
        actions={
          <>
            <CopyLink />
            <ExportButton {...{ sessionId, recordingId }} />
          </>
        }
      />
      {index.isPending && <Skeleton rows={4} />}
      {index.isError && <Failure error={index.error} onRetry={() => void index.refetch()} />}
      {index.data !== undefined && (
        <ReelView
          pictures={index.data.pictures}
          durationMs={index.data.recording.durationMs}
          fetch={fetch}
          label={`Recorded picture of the browser of ${name}`}
        />
      )}
    </>
  );
}

function ExportButton({
  sessionId,
  recordingId,
}: {
  readonly sessionId: string;
  readonly recordingId: string;
}) {
  const acts = useRecordingActs(sessionId);
  const [isBusy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      await save(await acts.exported(recordingId), `${recordingId}.tar`);
    } catch (error) {
      tellFailure("The recording could not be exported", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      icon={<Download aria-hidden className="size-4" />}
      isBusy={isBusy}
      onClick={() => void take()}
      title="All pictures and their times, as a tar file"
    >
      Export
    </Button>
  );
}
