// What one command or terminal printed that has the words: whose it is, and the places in it.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { SquareTerminal, Terminal } from "lucide-react";
import type { rest } from "pilothouse-client";
import type { ReactNode } from "react";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { useSessions } from "@/live/sessions";
import { Marked } from "@/ui/Marked";
import { Moment } from "@/ui/Moment";
import { linesAround } from "@/ui/marks";
import type { HitGroup } from "./output";

function CommandLine({ id }: { readonly id: string }) {
  const { rest } = useServer();
  const command = useQuery({
    queryKey: keys.command(id),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/commands/{command}", { path: { command: id }, signal }),
  });
  return <span className="truncate font-mono text-small">{command.data?.command ?? id}</span>;
}

function TerminalName({ hit }: { readonly hit: rest.FoundOutput }) {
  const session = useSessions((sessions) => sessions.get(hit.sessionId ?? "")).data;
  const worker = session?.workers.find(({ id }) => id === hit.workerId);
  if (session === undefined) return <span className="text-muted">A terminal</span>;
  return (
    <span className="truncate">
      {worker?.name ?? "Terminal"}
      <span className="text-muted"> in {session.title ?? session.locationPath}</span>
      {worker !== undefined && worker.epoch !== hit.epoch && (
        <span className="text-faint"> · before it was restarted</span>
      )}
    </span>
  );
}

const HIT =
  "relative block px-4 py-1.5 pl-11 -outline-offset-2 hover:bg-sunken max-sm:pl-4 dark:hover:bg-raised";

function HitLink({
  hit,
  query,
  children,
}: {
  readonly hit: rest.FoundOutput;
  readonly query: string;
  readonly children: ReactNode;
}) {
  if (hit.commandId) {
    return (
      <Link
        to="/history/commands/$commandId"
        params={{ commandId: hit.commandId }}
        search={{ at: hit.position, q: query }}
        className={HIT}
      >
        {children}
      </Link>
    );
  }
  if (!hit.sessionId || !hit.workerId) return <div className={HIT}>{children}</div>;
  return (
    <Link
      to="/history/logs/$sessionId/$workerId"
      params={{ sessionId: hit.sessionId, workerId: hit.workerId }}
      search={{ at: hit.position, epoch: hit.epoch, q: query }}
      className={HIT}
    >
      {children}
    </Link>
  );
}

/** A group of hits. */
export function HitRow({ group, query }: { readonly group: HitGroup; readonly query: string }) {
  const { first, hits } = group;
  return (
    <section className="border-b py-1.5">
      <h2 className="flex h-7 items-center gap-2 px-4 font-medium">
        {first.commandId ? (
          <Terminal aria-label="Command" className="size-4 shrink-0 text-faint" />
        ) : (
          <SquareTerminal aria-label="Terminal" className="size-4 shrink-0 text-faint" />
        )}
        {first.commandId ? <CommandLine id={first.commandId} /> : <TerminalName hit={first} />}
        <span className="ml-auto flex shrink-0 items-center gap-3 pl-2 text-small font-normal text-muted">
          {first.agentId && <span className="max-sm:hidden">{first.agentId}</span>}
          <Moment at={first.at} />
        </span>
      </h2>
      {hits.map((hit) => (
        <HitLink key={hit.position} hit={hit} query={query}>
          <code className="block font-mono text-small break-words whitespace-pre-wrap text-muted">
            <Marked text={linesAround(hit.excerpt, query)} query={query} />
          </code>
        </HitLink>
      ))}
    </section>
  );
}
