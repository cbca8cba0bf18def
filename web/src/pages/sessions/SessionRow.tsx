// One session in the list: how it is, what it is, where, what runs in it, and what can be done.

import { Link } from "@tanstack/react-router";
import {
  Ellipsis,
  FolderClosed,
  GitBranch,
  Pencil,
  Plus,
  SquareArrowOutUpRight,
  Trash2,
} from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { useMay } from "@/api/server";
import { begunLast, sessionName, standingOf } from "@/features/sessions/standing";
import { TerminalsChip, WorkerChip } from "@/features/sessions/WorkerMark";
import { Age } from "@/ui/Age";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { chips } from "./chips";
import type { Listed } from "./ordering";

/** What a row can ask the page for. */
export interface RowActs {
  open(session: sessionsAndWorkers.Session): void;
  rename(session: sessionsAndWorkers.Session): void;
  addWorker(session: sessionsAndWorkers.Session): void;
  end(session: sessionsAndWorkers.Session): void;
}

/** Workers that a row has place for. */
const MOST_CHIPS = 3;

/** The row. */
export function SessionRow({
  listed,
  agentName,
  activityOf,
  acts,
}: {
  readonly listed: Listed;
  readonly agentName: string;
  readonly activityOf: (workerId: string) => sessionsAndWorkers.AgentActivityState;
  readonly acts: RowActs;
}) {
  const { session, standing, asksSince } = listed;
  return (
    <div className="group relative grid min-h-11 grid-cols-[minmax(0,5fr)_minmax(0,2fr)_minmax(0,6fr)_4.5rem_2.5rem] items-center gap-x-4 border-b px-4 py-1 hover:bg-surface max-md:grid-cols-[minmax(0,1fr)_auto_2.5rem] max-md:gap-x-2 max-md:gap-y-1 max-md:py-2">
      <div className="min-w-0">
        <Link
          to="/sessions/$sessionId"
          params={{ sessionId: session.id }}
          className="block truncate font-medium after:absolute after:inset-0"
        >
          {sessionName(session)}
        </Link>
        <Where session={session} agentName={agentName} />
      </div>
      <span className="truncate text-muted max-md:hidden">{agentName}</span>
      <div className="flex min-w-0 flex-wrap items-center gap-1 max-md:col-span-3 max-md:row-start-2">
        <Chips session={session} activityOf={activityOf} />
      </div>
      <span className="tabular text-right whitespace-nowrap text-muted">
        {standing === "asking" && asksSince !== undefined ? (
          <span className="font-medium text-warn">
            <span className="sr-only">asks for </span>
            <Age since={asksSince} />
          </span>
        ) : (
          <>
            <span className="sr-only">begun last </span>
            <Age since={begunLast(session)} />
          </>
        )}
      </span>
      <div className="relative justify-self-end">
        <RowMenu session={session} acts={acts} />
      </div>
    </div>
  );
}

function Where({
  session,
  agentName,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly agentName: string;
}) {
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-small text-faint">
      <span className="shrink-0 text-muted md:hidden">{agentName}</span>
      {session.type === "worktree" ? (
        <>
          <GitBranch aria-label="Worktree of" className="size-3 shrink-0" />
          <span className="max-w-1/2 shrink-0 truncate font-mono text-muted">
            {session.worktreeId}
          </span>
        </>
      ) : (
        <FolderClosed aria-hidden className="size-3 shrink-0" />
      )}
      <span className="min-w-0 truncate font-mono">{session.locationPath}</span>
    </span>
  );
}

function Chips({
  session,
  activityOf,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly activityOf: (workerId: string) => sessionsAndWorkers.AgentActivityState;
}) {
  const { workers, status } = session;
  if (workers.length === 0) return <span className="text-small text-faint">No workers</span>;
  const { apart, together } = chips(workers, (worker) =>
    standingOf(worker, activityOf(worker.id), status),
  );
  return (
    <>
      {apart.slice(0, MOST_CHIPS).map(({ worker, standing }) => (
        <WorkerChip key={worker.id} worker={worker} standing={standing} />
      ))}
      {together > 0 && (
        <TerminalsChip count={together} standing={status === "active" ? "open" : "away"} />
      )}
      {apart.length > MOST_CHIPS && (
        <span className="tabular text-small text-faint">{apart.length - MOST_CHIPS} more</span>
      )}
    </>
  );
}

function RowMenu({
  session,
  acts,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly acts: RowActs;
}) {
  const may = useMay();
  const icon = "size-4 text-muted";
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${sessionName(session)}`}>
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem
        icon={<SquareArrowOutUpRight aria-hidden className={icon} />}
        onSelect={() => acts.open(session)}
      >
        Open
      </MenuItem>
      {may.act && (
        <>
          <MenuItem
            icon={<Plus aria-hidden className={icon} />}
            onSelect={() => acts.addWorker(session)}
            isDisabled={session.status === "inactive"}
          >
            New worker…
          </MenuItem>
          <MenuItem
            icon={<Pencil aria-hidden className={icon} />}
            onSelect={() => acts.rename(session)}
          >
            Rename…
          </MenuItem>
          <MenuSeparator />
          <MenuItem
            icon={<Trash2 aria-hidden className="size-4" />}
            onSelect={() => acts.end(session)}
            isDanger
          >
            End…
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
