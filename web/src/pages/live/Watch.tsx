// The page of one browser: watched by whoever may, steered by one person at a time.

import { Link, useParams } from "@tanstack/react-router";
import {
  AppWindow,
  ChevronLeft,
  Circle,
  Film,
  Route,
  Square,
  SquareTerminal,
  X,
} from "lucide-react";
import type { Browser } from "pilothouse-client";
import { useState } from "react";
import { useBrowserActs, useBrowsers, useRecordingActs, useRecordings } from "@/api/browsers";
import { useRunsByBrowser } from "@/api/runs";
import { useMay } from "@/api/server";
import { LiveView } from "@/features/browsers/LiveView";
import { OpenBrowser } from "@/features/browsers/OpenBrowser";
import { RecordingsDialog } from "@/features/browsers/Recordings";
import { stateWords } from "@/features/browsers/Tile";
import { useFacts, useWatching } from "@/features/browsers/useWatching";
import { Watchers } from "@/features/browsers/Watchers";
import type { Watching } from "@/features/browsers/watching";
import { runName } from "@/features/runs/standing";
import { sessionName } from "@/features/sessions/standing";
import { useSessions } from "@/live/sessions";
import { Badge, Status } from "@/ui/Badge";
import { Button, buttonLook, IconButton } from "@/ui/Button";
import { Confirmation } from "@/ui/Dialog";
import { Empty, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { tellFailure } from "@/ui/Toasts";

/** The page. */
export function Page() {
  const { sessionId } = useParams({ from: "/live/$sessionId" });
  // Nothing of one browser is shown in another.
  return <Browsing key={sessionId} sessionId={sessionId} />;
}

function Browsing({ sessionId }: { readonly sessionId: string }) {
  const watching = useWatching(sessionId, { hasEvents: true });
  return watching === undefined ? null : <Shown {...{ watching, sessionId }} />;
}

function Shown({
  watching,
  sessionId,
}: {
  readonly watching: Watching;
  readonly sessionId: string;
}) {
  const may = useMay();
  const session = useSessions((all) => all.get(sessionId)).data;
  const list = useBrowsers();
  const browser = list.data?.get(sessionId);
  const run = useRunsByBrowser(session === undefined).get(sessionId);
  const name =
    session !== undefined ? sessionName(session) : run !== undefined ? runName(run) : sessionId;
  const isLive = useFacts(
    watching,
    ({ status, hasPicture }) => status?.live === true || hasPicture,
  );
  const [asked, setAsked] = useState<"open" | "close" | "recordings">();
  const none = () => setAsked(undefined);
  const open = may.act && session !== undefined && (
    <Button
      kind="primary"
      icon={<AppWindow aria-hidden className="size-4" />}
      onClick={() => setAsked("open")}
    >
      Open a browser
    </Button>
  );
  // A stream without a browser of ours, by a program of somebody's, is watched all the same.
  const isFlowing = useFacts(watching, ({ status }) => status?.live === true);
  const [hadBrowser, setHadBrowser] = useState(false);
  if (browser !== undefined && !hadBrowser) setHadBrowser(true);
  // The last picture of a browser that was closed is of no use to anybody.
  const isOver = hadBrowser ? !isFlowing : !isLive;
  const isNothing = list.isSuccess && browser === undefined && isOver;
  return (
    <>
      <div className="in-data-[keyboard=open]:hidden">
        <PageHeader
          documentTitle={`${name} · Live`}
          title={<Title name={name} />}
          lead={<Lead {...{ watching, browser }} />}
          actions={
            <Actions
              {...{ watching, sessionId, browser }}
              hasSession={session !== undefined}
              runId={run?.id}
              onRecordings={() => setAsked("recordings")}
              onClose={() => setAsked("close")}
            />
          }
        />
      </div>
      {list.isPending && !isLive && <Skeleton rows={6} />}
      {isNothing && (
        <Empty
          icon={<AppWindow aria-hidden />}
          title="No browser is open in this session"
          {...(open === false ? {} : { action: open })}
        >
          {session === undefined
            ? "There is no such session, and nobody sends pictures under its name."
            : "It runs on the session's machine. Everybody who signs in here may watch it."}
        </Empty>
      )}
      {/* Hidden rather than gone: pictures may come at any moment, and are told here. */}
      <div
        className={isNothing || (list.isPending && !isLive) ? "h-px opacity-0" : "contents"}
        inert={isNothing}
      >
        <LiveView
          {...{ watching, sessionId, name, browser }}
          action={browser?.state === "failed" && open}
        />
      </div>
      {session !== undefined && (
        <OpenBrowser session={{ id: sessionId, name }} isOpen={asked === "open"} onClose={none} />
      )}
      <RecordingsDialog sessionId={sessionId} isOpen={asked === "recordings"} onClose={none} />
      <CloseBrowser {...{ sessionId, name }} isOpen={asked === "close"} onClose={none} />
    </>
  );
}

function Title({ name }: { readonly name: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <Link
        to="/live"
        aria-label="All browsers"
        title="All browsers"
        className="-ml-2 rounded-md p-1 text-muted hover:bg-sunken hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-5" />
      </Link>
      <span className="truncate">{name}</span>
    </span>
  );
}

function Lead({
  watching,
  browser,
}: {
  readonly watching: Watching;
  readonly browser: Browser | undefined;
}) {
  const watchers = useFacts(watching, (facts) => facts.watchers);
  const isLive = useFacts(watching, ({ status }) => status?.live);
  const isRecording = useFacts(watching, ({ status }) => status?.recording === true);
  const state =
    browser === undefined ? undefined : stateWords({ ...browser, live: isLive ?? browser.live });
  return (
    <div className="flex min-w-0 items-center gap-2 text-small text-muted">
      {state !== undefined && <Status tone={state.tone}>{state.words}</Status>}
      {isRecording && (
        <Badge tone="bad">
          <Circle aria-hidden className="size-2 fill-current" /> recording
        </Badge>
      )}
      <Watchers watchers={watchers} />
    </div>
  );
}

function Actions({
  watching,
  sessionId,
  browser,
  hasSession,
  runId,
  onRecordings,
  onClose,
}: {
  readonly watching: Watching;
  readonly sessionId: string;
  readonly browser: Browser | undefined;
  readonly hasSession: boolean;
  /** The run whose own browser it is. */
  readonly runId: string | undefined;
  readonly onRecordings: () => void;
  readonly onClose: () => void;
}) {
  const may = useMay();
  return (
    <>
      {may.act && <RecordButton {...{ watching, sessionId }} />}
      <IconButton label="Recordings" onClick={onRecordings}>
        <Film aria-hidden className="size-4" />
      </IconButton>
      {hasSession && (
        <Link
          to="/sessions/$sessionId"
          params={{ sessionId }}
          aria-label="Terminals of this session"
          title="Terminals of this session"
          className={buttonLook("quiet")}
        >
          <SquareTerminal aria-hidden className="size-4" />
        </Link>
      )}
      {runId !== undefined && (
        <Link
          to="/runs/$runId"
          params={{ runId }}
          aria-label="The run that does something here"
          title="The run that does something here"
          className={buttonLook("quiet")}
        >
          <Route aria-hidden className="size-4" />
        </Link>
      )}
      {may.act && browser !== undefined && runId === undefined && (
        <IconButton label="Close the browser" onClick={onClose}>
          <X aria-hidden className="size-4" />
        </IconButton>
      )}
    </>
  );
}

function RecordButton({
  watching,
  sessionId,
}: {
  readonly watching: Watching;
  readonly sessionId: string;
}) {
  const isRecording = useFacts(watching, ({ status }) => status?.recording === true);
  const isLive = useFacts(watching, ({ status }) => status?.live === true);
  const recordings = useRecordings(sessionId, isRecording);
  const acts = useRecordingActs(sessionId);
  const [isBusy, setBusy] = useState(false);
  const running = recordings.data?.find(({ endedAt }) => endedAt === null || endedAt === undefined);
  const press = async () => {
    setBusy(true);
    try {
      if (!isRecording) await acts.start();
      else if (running !== undefined) await acts.stop(running.id);
    } catch (error) {
      tellFailure(isRecording ? "The recording goes on" : "Nothing is recorded", error);
    } finally {
      setBusy(false);
    }
  };
  const Icon = isRecording ? Square : Circle;
  return (
    <Button
      kind="quiet"
      isBusy={isBusy}
      disabled={isRecording ? running === undefined : !isLive}
      icon={<Icon aria-hidden className="size-4" />}
      onClick={() => void press()}
    >
      {isRecording ? "Stop recording" : "Record"}
    </Button>
  );
}

function CloseBrowser({
  sessionId,
  name,
  isOpen,
  onClose,
}: {
  readonly sessionId: string;
  readonly name: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const acts = useBrowserActs(sessionId);
  return (
    <Confirmation
      isOpen={isOpen}
      onClose={onClose}
      title={`Close the browser of ${name}?`}
      action="Close the browser"
      onConfirm={() => acts.close()}
    >
      Its tabs, and what was filled in there, are gone then. The session and its terminals stay.
    </Confirmation>
  );
}
