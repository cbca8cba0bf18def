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
import { WorkerChip } from "@/features/sessions/WorkerMark";
import { Age } from "@/ui/Age";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import type { Listed } from "./ordering";

/** What a row can ask the page for. */
export interface RowActs {
  open(session: sessionsAndWorkers.Session): void;
  rename(session: sessionsAndWorkers.Session): void;
  addWorker(session: sessionsAndWorkers.Session): void;
  end(session: sessionsAndWorkers.Session): void;
}

/** Workers that a row has place for. */
const MOST_CHIPS = 4;

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
        <Where session={session} />
      </div>
      <span className="truncate text-muted max-md:order-1 max-md:row-start-2">{agentName}</span>
      <div className="flex min-w-0 flex-wrap items-center gap-1 max-md:order-2 max-md:col-span-3 max-md:row-start-3">
        <Chips session={session} activityOf={activityOf} />
      </div>
      <span className="tabular text-right whitespace-nowrap text-muted max-md:order-1">
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
      <div className="relative justify-self-end max-md:order-1 max-md:row-span-2 max-md:row-start-1 max-md:col-start-3">
        <RowMenu session={session} acts={acts} />
      </div>
    </div>
  );
}

function Where({ session }: { readonly session: sessionsAndWorkers.Session }) {
  return (
    <span className="flex min-w-0 items-center gap-1.5 text-small text-faint">
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
  // Those that want somebody are never among the ones that there is no place for.
  const rank = (worker: sessionsAndWorkers.Worker) =>
    activityOf(worker.id) === "asking" && worker.state !== "ended" ? 0 : 1;
  const sorted = workers.toSorted((one, other) => rank(one) - rank(other));
  return (
    <>
      {sorted.slice(0, MOST_CHIPS).map((worker) => (
        <WorkerChip
          key={worker.id}
          worker={worker}
          standing={standingOf(worker, activityOf(worker.id), status)}
        />
      ))}
      {workers.length > MOST_CHIPS && (
        <span className="tabular text-small text-faint">{workers.length - MOST_CHIPS} more</span>
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
