// One record: who did what to what, and how it went. Opened, it has everything that is known.

import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import type { rest } from "pilothouse-client";
import { type ReactNode, useId } from "react";
import { useSessions } from "@/live/sessions";
import { Status, type Tone } from "@/ui/Badge";
import { classes } from "@/ui/classes";
import { Marked } from "@/ui/Marked";
import { Moment } from "@/ui/Moment";
import { actionWords } from "./actions";

/** The columns, also of the heading. */
export const COLUMNS =
  "lg:grid lg:grid-cols-[7rem_8rem_minmax(0,1fr)_11rem_6rem_8rem_1rem] lg:items-center gap-x-3 px-4";

const RESULTS: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  success: { word: "Done", tone: "ok" },
  failure: { word: "Failed", tone: "warn" },
  denied: { word: "Refused", tone: "bad" },
};

const LINK = "relative z-10 truncate text-muted hover:text-ink hover:underline";

/** What it was asked of, as a link where there is a page about it. */
function Subject({
  record: { subject, agentId, agentName },
}: {
  readonly record: rest.AuditShape;
}) {
  const sessionId = useSessions((sessions) => {
    if (subject.startsWith("ses-")) return sessions.has(subject) ? subject : undefined;
    if (!subject.startsWith("wrk-")) return undefined;
    return [...sessions.values()].find(({ workers }) => workers.some(({ id }) => id === subject))
      ?.id;
  }).data;
  const title = useSessions((sessions) => {
    const session = sessions.get(sessionId ?? "");
    return session?.title ?? session?.locationPath;
  }).data;
  if (subject.startsWith("cmd-")) {
    return (
      <Link to="/history/commands/$commandId" params={{ commandId: subject }} className={LINK}>
        {subject}
      </Link>
    );
  }
  if (sessionId !== undefined) {
    return (
      <Link to="/sessions/$sessionId" params={{ sessionId }} className={LINK} title={subject}>
        {title ?? subject}
      </Link>
    );
  }
  if (agentId && subject === agentId) {
    return (
      <Link to="/agents/$agentId" params={{ agentId }} className={LINK}>
        {agentName ?? agentId}
      </Link>
    );
  }
  return <span className="truncate text-muted">{subject}</span>;
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

function Details({ id, record }: { readonly id: string; readonly record: rest.AuditShape }) {
  const { action, detail, refusal, subject, agentId, address, program, userId } = record;
  return (
    <dl
      id={id}
      className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-4 gap-y-1 bg-sunken px-4 py-3 text-small lg:pl-[8.75rem] dark:bg-surface"
    >
      {refusal && (
        <Fact name="Why">
          <span className="text-bad">{refusal}</span>
        </Fact>
      )}
      {detail && (
        <Fact name="Detail">
          <code className="font-mono whitespace-pre-wrap">{detail}</code>
        </Fact>
      )}
      <Fact name="Asked of">
        <code className="font-mono">{subject}</code>
      </Fact>
      {agentId && (
        <Fact name="Agent">
          <code className="font-mono">{agentId}</code>
        </Fact>
      )}
      <Fact name="By">
        <code className="font-mono">{userId}</code>, from {address}
        {program && <> with {program}</>}
      </Fact>
      <Fact name="Record">
        <code className="font-mono">
          {record.id} · {action}
        </code>
      </Fact>
      <Fact name="At">{new Date(record.at).toISOString()}</Fact>
    </dl>
  );
}

/** A row that opens. */
export function AuditRow({
  record,
  query,
  isOpen,
  onToggle,
}: {
  readonly record: rest.AuditShape;
  readonly query: string;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}) {
  const details = useId();
  const { word, tone } = RESULTS[record.result] ?? { word: record.result, tone: "neutral" };
  return (
    <div className="border-b">
      <div
        className={classes(
          COLUMNS,
          "relative hover:bg-sunken max-lg:flex max-lg:flex-wrap max-lg:gap-x-2 max-lg:py-2 max-lg:text-small lg:h-9 dark:hover:bg-raised",
        )}
      >
        <Moment
          at={record.at}
          className="tabular text-small whitespace-nowrap text-muted max-lg:order-4 max-lg:ml-auto"
        />
        <span className="truncate font-medium max-lg:text-body">
          <Marked text={record.userName} query={query} by="parts" />
        </span>
        <span className="flex min-w-0 items-baseline gap-2 max-lg:w-[calc(100%-6rem)] max-lg:grow">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls={isOpen ? details : undefined}
            onClick={onToggle}
            className="shrink-0 truncate -outline-offset-2 after:absolute after:inset-0 max-lg:text-body"
          >
            {actionWords(record.action)}
          </button>
          {record.detail && (
            <code className="truncate font-mono text-small text-muted">
              <Marked text={record.detail} query={query} by="parts" />
            </code>
          )}
          {record.refusal && (
            <span className="min-w-16 truncate text-small text-bad">{record.refusal}</span>
          )}
        </span>
        <span className="flex min-w-0 max-lg:order-2 max-lg:max-w-[45%]">
          <Subject record={record} />
        </span>
        <span className={classes("max-lg:order-1", tone === "bad" && "font-medium text-bad")}>
          <Status tone={tone}>{word}</Status>
        </span>
        <span className="truncate text-small text-muted max-lg:hidden">{record.address}</span>
        <ChevronRight
          aria-hidden
          className={classes(
            "size-4 text-faint transition-transform max-lg:hidden",
            isOpen && "rotate-90",
          )}
        />
      </div>
      {isOpen && <Details id={details} record={record} />}
    </div>
  );
}
