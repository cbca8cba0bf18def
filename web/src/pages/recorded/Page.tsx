// The page "Recording of a browser": what was to be seen, played again.

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ChevronLeft } from "lucide-react";
import { useCallback } from "react";
import { useRecordingActs } from "@/api/browsers";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { ReelView } from "@/features/browsers/replay/ReelView";
import { sessionName } from "@/features/sessions/standing";
import { useSessions } from "@/live/sessions";
import { bytes } from "@/ui/ages";
import { CopyLink } from "@/ui/CopyLink";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SaveButton } from "@/ui/SaveButton";

/** The page. What it gives is said, or the router's types would be made of themselves. */
export function Page(): React.ReactNode {
  const { sessionId, recordingId } = useParams({
    from: "/live/$sessionId/recordings/$recordingId",
  });
  const { rest } = useServer();
  const acts = useRecordingActs(sessionId);
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
            <SaveButton
              take={() => acts.exported(recordingId)}
              name={`${recordingId}.tar`}
              failure="The recording could not be exported"
              title="All pictures and their times, as a tar file"
            >
              Export
            </SaveButton>
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
