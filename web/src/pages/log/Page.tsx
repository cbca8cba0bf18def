// The page "Terminal log": what a terminal printed, as text, around a place that was found.

import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Play, SquareTerminal } from "lucide-react";
import { useCallback } from "react";
import { useSessions } from "@/live/sessions";
import { buttonLook } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { SearchBar } from "@/ui/SearchBar";
import { LogText } from "./LogText";
import { useLog } from "./log";

/** See the top of the file. */
export function Page() {
  const { sessionId, workerId } = useParams({ from: "/history/logs/$sessionId/$workerId" });
  const search = useSearch({ from: "/history/logs/$sessionId/$workerId" });
  const navigate = useNavigate();
  const { at = 0, epoch, q } = search;
  const session = useSessions((sessions) => sessions.get(sessionId)).data;
  const worker = session?.workers.find(({ id }) => id === workerId);
  const log = useLog({ session: sessionId, worker: workerId, epoch, at });
  const mark = useCallback(
    (text: string) =>
      void navigate({
        to: "/history/logs/$sessionId/$workerId",
        params: { sessionId, workerId },
        search: ({ q: _, ...before }) => (text === "" ? before : { ...before, q: text }),
        replace: true,
      }),
    [navigate, sessionId, workerId],
  );
  const name = worker?.name ?? "Terminal";
  const isPresent = epoch === undefined || worker === undefined || epoch === worker.epoch;
  const params = { sessionId, workerId };
  return (
    <>
      <PageHeader
        title={`Log of ${name}`}
        documentTitle={`${name} · Log`}
        lead={
          <span className="min-w-0 truncate text-muted">
            {session !== undefined &&
              `${session.title ?? session.locationPath} on ${session.agent}`}
            {!isPresent && " · before it was restarted"}
          </span>
        }
        actions={
          <>
            <CopyLink />
            {isPresent && (
              <Link
                to="/history/recordings/$sessionId/$workerId"
                params={params}
                className={buttonLook("quiet")}
              >
                <Play aria-hidden className="size-4" /> Play
              </Link>
            )}
            {session !== undefined && (
              <Link
                to="/sessions/$sessionId"
                params={{ sessionId }}
                search={{ worker: workerId }}
                className={buttonLook()}
              >
                <SquareTerminal aria-hidden className="size-4" /> Go to the terminal
              </Link>
            )}
          </>
        }
      >
        <SearchBar
          label="Mark words"
          placeholder="Words to mark in what is shown"
          value={q ?? ""}
          onSearch={mark}
        />
      </PageHeader>
      <Shown log={log} at={at} query={q ?? ""} />
    </>
  );
}

function Shown({
  log,
  at,
  query,
}: {
  readonly log: ReturnType<typeof useLog>;
  readonly at: number;
  readonly query: string;
}) {
  const { pages, blocks, isAtEnd } = log;
  if (pages.isPending) return <Skeleton rows={16} />;
  if (pages.data === undefined) return <Failure error={pages.error} onRetry={pages.refetch} />;
  if (blocks.length === 0 && isAtEnd) {
    return <Empty icon={<SquareTerminal />} title="Nothing was printed here" />;
  }
  return <LogText log={log} at={at} query={query} />;
}
