// One command, for good: its line, who, when, how it ended, and all that it wrote.

import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Link2, RotateCw } from "lucide-react";
import type { rest } from "pilothouse-client";
import { type ReactNode, useState } from "react";
import { useMay, useServer } from "@/api/server";
import { InterruptButton } from "@/features/commands/CommandLead";
import { CommandState } from "@/features/commands/CommandState";
import { endReason } from "@/features/commands/ending";
import { OutputView } from "@/features/commands/OutputView";
import { useCommand } from "@/features/commands/useCommand";
import { isOver } from "@/live/commands";
import { Age } from "@/ui/Age";
import { exactSpan } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { CopyLine } from "@/ui/CopyLine";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { tell, tellFailure } from "@/ui/Toasts";
import { soughtWord } from "./search";

const route = getRouteApi("/history/commands/$commandId");

function RunAgain({ command }: { readonly command: rest.Command }) {
  const { rest } = useServer();
  const navigate = useNavigate();
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const { agentId, command: line, priority, directory, environment, timeout } = command;
    const body = {
      agentId,
      command: line,
      priority,
      timeout,
      ...(typeof directory === "string" ? { directory } : {}),
      ...(environment === undefined ? {} : { environment }),
    };
    try {
      const { id } = await rest.call("POST /api/v1/commands", { body });
      void navigate({ to: "/agents/$agentId", params: { agentId }, search: { command: id } });
    } catch (error) {
      tellFailure("The command was not run again", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      kind="primary"
      isBusy={isBusy}
      icon={<RotateCw aria-hidden className="size-4" />}
      onClick={run}
    >
      Run again
    </Button>
  );
}

function CopyLink() {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(`${location.origin}${location.pathname}`);
      tell("The link was copied");
    } catch (error) {
      tellFailure("The link was not copied", error);
    }
  };
  return (
    <Button icon={<Link2 aria-hidden className="size-4" />} onClick={copy}>
      Copy link
    </Button>
  );
}

/** A moment as people say it, and how long ago that is. */
const Moment = ({ at }: { readonly at: string }) => (
  <>
    {new Date(at).toLocaleString()}, <Age since={at} suffix=" ago" />
  </>
);

function facts(command: rest.Command): readonly (readonly [string, ReactNode])[] {
  const { agentId, requestedBy, requestedAt, startedAt, endedAt, executionTime } = command;
  const { priority, timeout, directory, environment = {}, queuePosition } = command;
  const agent = (
    <Link
      to="/agents/$agentId"
      params={{ agentId }}
      search={{ command: command.id }}
      className="font-medium text-accent-ink hover:underline"
    >
      {agentId}
    </Link>
  );
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    ["Agent", agent],
    ["Run by", requestedBy],
    ["Asked for", <Moment key="asked" at={requestedAt} />],
    ...(typeof queuePosition === "number"
      ? ([["Place in the queue", queuePosition]] as const)
      : []),
    ...(typeof startedAt === "string"
      ? ([["Started", <Moment key="started" at={startedAt} />]] as const)
      : []),
    ...(typeof endedAt === "string"
      ? ([["Ended", <Moment key="ended" at={endedAt} />]] as const)
      : []),
    ...(typeof executionTime === "number" ? ([["Took", exactSpan(executionTime)]] as const) : []),
    ...(typeof command.exitCode === "number" ? ([["Exit code", command.exitCode]] as const) : []),
    ...(typeof command.signal === "string" ? ([["Signal", command.signal]] as const) : []),
    ["Directory", directory ?? "the agent's own"],
    ["Priority", priority],
    ["Time limit", exactSpan(timeout)],
    ...(variables.length > 0
      ? ([
          [
            "Variables",
            <span key="variables" className="font-mono text-small break-all">
              {variables.join(" ")}
            </span>,
          ],
        ] as const)
      : []),
  ];
}

function Shown({ command }: { readonly command: rest.Command }) {
  const may = useMay();
  const { q = "" } = route.useSearch();
  const reason = endReason(command);
  const actions = (
    <>
      <CopyLink />
      {may.act && !isOver(command.status) && <InterruptButton commandId={command.id} />}
      {may.act && <RunAgain command={command} />}
    </>
  );
  return (
    <>
      <PageHeader
        title="Command"
        documentTitle={command.command}
        lead={<CommandState command={command} />}
        actions={actions}
      />
      <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-auto">
        <div className="flex w-96 shrink-0 flex-col gap-3 overflow-auto border-r bg-surface p-4 max-lg:w-full max-lg:border-r-0 max-lg:border-b">
          <CopyLine line={command.command} />
          {reason !== undefined && (
            <p className="rounded-md bg-bad-soft px-2.5 py-1.5 text-bad">{reason}</p>
          )}
          <dl className="tabular grid grid-cols-[8rem_1fr] gap-x-3 gap-y-1.5">
            {facts(command).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="min-w-0 break-words">{value}</dd>
              </div>
            ))}
          </dl>
        </div>
        <div className="flex min-w-0 flex-1 flex-col max-lg:min-h-[60dvh]">
          <OutputView
            key={command.id}
            commandId={command.id}
            isWaiting={command.status === "queued"}
            sought={soughtWord(q)}
            lead={<h2 className="font-semibold">Output</h2>}
          />
        </div>
      </div>
    </>
  );
}

/** See the top of the file. */
export function Page() {
  const { commandId } = route.useParams();
  const { command, error, refetch } = useCommand(commandId);
  if (command !== undefined) return <Shown command={command} />;
  return (
    <>
      <PageHeader title="Command" documentTitle="Command" />
      {error === null ? <Skeleton /> : <Failure error={error} onRetry={refetch} />}
    </>
  );
}
