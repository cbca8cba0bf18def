// The page "Recording": what a terminal showed, played again.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { FileText, SquareTerminal } from "lucide-react";
import { useCallback, useMemo } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { PlayerView } from "@/features/player/PlayerView";
import type { Look } from "@/features/player/screen";
import { appearanceNow, wantsCalm, watchAppearance } from "@/features/terminal/appearance";
import { fontsOf, usePreferences } from "@/features/terminal/preferences";
import { paletteOf, themeOf } from "@/features/terminal/themes";
import { useSessions } from "@/live/sessions";
import { bytes } from "@/ui/ages";
import { buttonLook } from "@/ui/Button";
import { CopyLink } from "@/ui/CopyLink";
import { PageHeader } from "@/ui/PageHeader";
import { SaveButton } from "@/ui/SaveButton";

/** Terminals look here as they do where they are used. */
function useLook(): Look {
  const preferences = usePreferences((state) => state.chosen);
  return useMemo(
    () => ({
      theme: () => themeOf(paletteOf(preferences.scheme, appearanceNow())),
      fontFamily: fontsOf(preferences),
      watch: watchAppearance,
    }),
    [preferences],
  );
}

/** How many of the first bytes are not kept any more. */
function usePruned(session: string, worker: string): number {
  const { rest } = useServer();
  const route = "GET /api/v1/sessions/{session}/workers/{worker}/output";
  const first = useQuery({
    queryKey: [...keys.pages("GET /api/v1/sessions"), worker, "pruned"],
    queryFn: ({ signal }) =>
      rest.call(route, { path: { session, worker }, query: { limit: 1 }, signal }),
  });
  return first.data?.pruned ?? 0;
}

/** See the top of the file. */
export function Page() {
  const { sessionId, workerId } = useParams({ from: "/history/recordings/$sessionId/$workerId" });
  const { t } = useSearch({ from: "/history/recordings/$sessionId/$workerId" });
  const navigate = useNavigate();
  const { rest } = useServer();
  const look = useLook();
  const session = useSessions((sessions) => sessions.get(sessionId)).data;
  const worker = session?.workers.find(({ id }) => id === workerId);
  const pruned = usePruned(sessionId, workerId);
  const fetch = useCallback(
    (signal?: AbortSignal) =>
      rest.call("GET /api/v1/sessions/{session}/workers/{worker}/recording", {
        path: { session: sessionId, worker: workerId },
        signal,
      }),
    [rest, sessionId, workerId],
  );
  const onMoment = useCallback(
    (seconds: number) =>
      void navigate({
        to: "/history/recordings/$sessionId/$workerId",
        params: { sessionId, workerId },
        search: seconds === 0 ? {} : { t: seconds },
        replace: true,
      }),
    [navigate, sessionId, workerId],
  );
  const name = worker?.name ?? "Terminal";
  const isLive = worker !== undefined && worker.state !== "ended";
  return (
    <>
      <PageHeader
        title={`Recording of ${name}`}
        documentTitle={`${name} · Recording`}
        lead={
          session !== undefined && (
            <span className="min-w-0 truncate text-muted">
              <Link
                to="/sessions/$sessionId"
                params={{ sessionId }}
                className="hover:text-ink hover:underline"
              >
                {session.title ?? session.locationPath}
              </Link>{" "}
              on {session.agent}
            </span>
          )
        }
        actions={
          <>
            <CopyLink />
            <Link
              to="/history/logs/$sessionId/$workerId"
              params={{ sessionId, workerId }}
              className={buttonLook("quiet")}
            >
              <FileText aria-hidden className="size-4" /> As text
            </Link>
            <SaveButton
              take={() => fetch()}
              name={`${name.replace(/[^\p{L}\p{N}._-]+/gu, "-")}.cast`}
              failure="The recording could not be downloaded"
              title="As an asciicast, for asciinema and other players"
            >
              Download
            </SaveButton>
          </>
        }
      >
        {isLive && (
          <p className="flex flex-wrap items-center gap-2 text-small text-muted">
            This terminal is still running; what it prints from now on is not in this recording.
            <Link
              to="/sessions/$sessionId"
              params={{ sessionId }}
              search={{ worker: workerId }}
              className="flex items-center gap-1 font-medium text-accent-ink underline underline-offset-2"
            >
              <SquareTerminal aria-hidden className="size-3.5" /> Go to the terminal
            </Link>
          </p>
        )}
        {pruned > 0 && (
          <p className="text-small text-muted">
            It begins in the middle: the first {bytes(pruned)} are not kept any more.
          </p>
        )}
      </PageHeader>
      <PlayerView
        fetch={fetch}
        look={look}
        atSeconds={t}
        plays={!wantsCalm()}
        onMoment={onMoment}
      />
    </>
  );
}
