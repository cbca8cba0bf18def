// What is known of a run beside its steps: what it is to do, who does it, within which limits, and what came of it.

import { Link } from "@tanstack/react-router";
import type { Run } from "pilothouse-client";
import type { ReactNode } from "react";
import { sessionName } from "@/features/sessions/standing";
import { useAgentNames } from "@/live/machines";
import { useSessions } from "@/live/sessions";
import { Age } from "@/ui/Age";
import { exactSpan, moment, span } from "@/ui/ages";
import { Moment } from "@/ui/Moment";

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-small text-faint">{name}</dt>
      <dd className="min-w-0 break-words whitespace-pre-wrap">{children}</dd>
    </div>
  );
}

const LINK = "text-accent-ink underline-offset-2 hover:underline";

/** See the top of the file. */
export function Facts({ run }: { readonly run: Run }) {
  const agents = useAgentNames();
  const session = useSessions((all) => all.get(run.sessionId ?? "")).data;
  const { task, answer, error, script, startedAt, endedAt, allowedHosts } = run;
  return (
    <aside
      aria-label="About this run"
      className="flex w-80 shrink-0 flex-col gap-4 overflow-auto border-l p-4 max-lg:w-full max-lg:overflow-visible max-lg:border-t max-lg:border-l-0"
    >
      {typeof answer === "string" && answer !== "" && (
        <section aria-label="Answer" className="rounded-md bg-ok-soft px-3 py-2">
          <h2 className="text-small font-medium text-ok">Answer</h2>
          <p className="break-words whitespace-pre-wrap">{answer}</p>
        </section>
      )}
      {typeof error === "string" && error !== "" && (
        <section aria-label="Why it failed" className="rounded-md bg-bad-soft px-3 py-2">
          <h2 className="text-small font-medium text-bad">Why it failed</h2>
          <p className="break-words whitespace-pre-wrap">{error}</p>
        </section>
      )}
      <dl className="flex flex-col gap-3">
        {typeof task === "string" && task !== "" && <Fact name="Task">{task}</Fact>}
        {run.heals === true && (
          <Fact name="Replay">What moved on a page is looked for by its role and name.</Fact>
        )}
        <Fact name="Agent">
          <Link to="/agents/$agentId" params={{ agentId: run.agentId }} className={LINK}>
            {agents.get(run.agentId) ?? run.agentId}
          </Link>
        </Fact>
        <Fact name="Browser">
          {typeof run.sessionId === "string" ? (
            <Link to="/live/$sessionId" params={{ sessionId: run.sessionId }} className={LINK}>
              That of {session === undefined ? run.sessionId : sessionName(session)}
            </Link>
          ) : (
            "One of its own"
          )}
        </Fact>
        <Fact name="Asked by">
          {run.requestedBy}, <Moment at={run.requestedAt} />
        </Fact>
        <Fact name="Steps">
          {run.stepCount} of at most {run.maxSteps}
        </Fact>
        <Fact name="Took">
          {typeof startedAt !== "string" && "Not begun"}
          {typeof startedAt === "string" && typeof endedAt !== "string" && (
            <Age since={startedAt} />
          )}
          {typeof startedAt === "string" &&
            typeof endedAt === "string" &&
            exactSpan(moment(endedAt) - moment(startedAt))}
          , at most {limit(run.timeout)}
        </Fact>
        <Fact name="Approval">{run.approval === true ? asks(allowedHosts) : "Off"}</Fact>
      </dl>
      {script !== undefined && script !== null && (
        <details>
          <summary className="cursor-pointer text-small text-muted">
            Script, {script.length} {script.length === 1 ? "action" : "actions"}
          </summary>
          <pre className="overflow-auto py-1 font-mono text-small whitespace-pre-wrap">
            {JSON.stringify(script, null, 2)}
          </pre>
        </details>
      )}
    </aside>
  );
}

/** Limits are mostly whole minutes. */
const limit = (ms: number): string => (ms % 60_000 === 0 ? span(ms) : exactSpan(ms));

const asks = (allowed: readonly string[] | null | undefined): string => {
  const words = "Asks before it changes anything or opens a page";
  return allowed === undefined || allowed === null || allowed.length === 0
    ? words
    : `${words}, but for pages of ${allowed.join(", ")}`;
};
