// The list of sessions, in groups by what they do, those that wait for somebody first.

import { useNavigate } from "@tanstack/react-router";
import { SearchX, SquareTerminal } from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { type ReactNode, useMemo, useState } from "react";
import { AddWorker } from "@/features/sessions/AddWorker";
import { EndSession } from "@/features/sessions/EndSession";
import { RenameSession } from "@/features/sessions/RenameSession";
import { sessionName } from "@/features/sessions/standing";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Emptiness";
import { Rows } from "@/ui/Rows";
import { tell } from "@/ui/Toasts";
import { type Listed, type Row, rows } from "./ordering";
import { type RowActs, SessionRow } from "./SessionRow";
import type { SessionsSearch } from "./search";

/** A dialog about one session. */
type Asked = { readonly act: "rename" | "add" | "end"; readonly id: string };

/** The list. */
export function List({
  all,
  search,
  activityOf,
  agentName,
  sessions,
}: {
  readonly all: readonly Listed[];
  readonly search: SessionsSearch;
  readonly activityOf: (workerId: string) => sessionsAndWorkers.AgentActivityState;
  readonly agentName: (agentId: string) => string;
  readonly sessions: ReadonlyMap<string, sessionsAndWorkers.Session>;
}) {
  const shown = useMemo(() => rows(all, search.order ?? "standing"), [all, search.order]);
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const open = (session: sessionsAndWorkers.Session, worker?: string) =>
    void navigate({
      to: "/sessions/$sessionId",
      params: { sessionId: session.id },
      search: worker === undefined ? {} : { worker },
    });
  const acts: RowActs = {
    open,
    rename: ({ id }) => setAsked({ act: "rename", id }),
    addWorker: ({ id }) => setAsked({ act: "add", id }),
    end: ({ id }) => setAsked({ act: "end", id }),
  };
  const about = (act: Asked["act"]) => (asked?.act === act ? sessions.get(asked.id) : undefined);
  const close = () => setAsked(undefined);
  const ending = about("end");
  const adding = about("add");
  return (
    <>
      <Rows
        items={shown}
        keyOf={(row) => (row.kind === "group" ? `group ${row.id}` : row.session.id)}
        rowHeight={48}
        label="Sessions"
        // The button of phones lies over the end of the list.
        footer={<div className="h-20 sm:hidden" />}
      >
        {(row) => <AnyRow {...{ row, agentName, activityOf, acts }} />}
      </Rows>
      <RenameSession session={about("rename")} onClose={close} />
      <AddWorker
        session={adding}
        onClose={close}
        onAdded={(worker) => adding !== undefined && open(adding, worker.id)}
      />
      <EndSession
        session={ending}
        onClose={close}
        onEnded={() => tell(`${ending === undefined ? "It" : sessionName(ending)} was ended`)}
      />
    </>
  );
}

function AnyRow({
  row,
  agentName,
  activityOf,
  acts,
}: {
  readonly row: Row;
  readonly agentName: (agentId: string) => string;
  readonly activityOf: (workerId: string) => sessionsAndWorkers.AgentActivityState;
  readonly acts: RowActs;
}) {
  if (row.kind === "group") {
    return (
      <h2 className="flex h-8 items-end gap-2 border-b px-4 pb-1 text-small font-semibold text-muted">
        {row.words} <span className="tabular font-normal text-faint">{row.count}</span>
      </h2>
    );
  }
  return (
    <SessionRow
      listed={row}
      agentName={agentName(row.session.agent)}
      activityOf={activityOf}
      acts={acts}
    />
  );
}

/** What is shown while there is no session at all. */
export const NoSessions = ({ action }: { readonly action: ReactNode }) => (
  <Empty icon={<SquareTerminal aria-hidden />} title="No sessions yet" action={action}>
    A session is a folder on an agent's machine. Terminals and command line agents run in it, go on
    when you close this page, and look the same to everybody who opens them.
  </Empty>
);

/** What is shown while no session fits. */
export const NothingFits = ({ onClear }: { readonly onClear: () => void }) => (
  <Empty
    icon={<SearchX aria-hidden />}
    title="No session fits"
    action={<Button onClick={onClear}>Show all</Button>}
  >
    Other words or fewer filters may find it.
  </Empty>
);
