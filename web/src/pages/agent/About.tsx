// What is known of an agent beside its commands: its machine, its sessions, its last hour.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { keys } from "@/api/keys";
import { useMay, useServer } from "@/api/server";
import { useAgentDialogs } from "@/features/agents/dialogs";
import { useSessions } from "@/live/sessions";
import { Age } from "@/ui/Age";
import { exactSpan } from "@/ui/ages";
import { Button, buttonLook } from "@/ui/Button";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { Resources } from "./Resources";

/** How often what the dashboard does not tell is asked for while it is looked at. */
const ASK_MS = 10_000;

function Part({
  title,
  action,
  children,
}: {
  readonly title: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="border-b px-3 py-2.5">
      <div className="mb-1 flex min-h-7 items-center justify-between gap-2">
        <h2 className="font-semibold">{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="tabular grid grid-cols-[7rem_1fr] gap-x-3 gap-y-1">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Sessions({ agentId }: { readonly agentId: string }) {
  const may = useMay();
  const sessions = useSessions().data;
  const own = [...(sessions?.values() ?? [])].filter(({ agent }) => agent === agentId);
  const make = may.act && (
    <Link
      to="/sessions"
      search={{ new: 1, agent: agentId }}
      className={buttonLook("plain", "small")}
    >
      New session
    </Link>
  );
  return (
    <Part title="Sessions" action={make}>
      {own.length === 0 && <p className="text-muted">None on this agent.</p>}
      <ul className="flex flex-col">
        {own.map(({ id, title, locationPath, workers }) => (
          <li key={id}>
            <Link
              to="/sessions/$sessionId"
              params={{ sessionId: id }}
              className="flex min-h-8 items-baseline gap-2 py-1 hover:underline"
            >
              <span className="truncate font-medium">{title ?? locationPath}</span>
              <span className="ml-auto shrink-0 text-small text-muted">
                {workers.length} {workers.length === 1 ? "worker" : "workers"}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** The panel. */
export function About({ agentId }: { readonly agentId: string }) {
  const { rest } = useServer();
  const open = useAgentDialogs((state) => state.open);
  const { data, error, refetch } = useQuery({
    queryKey: keys.agent(agentId),
    queryFn: ({ signal }) =>
      rest.call("GET /api/v1/agents/{agent}", { path: { agent: agentId }, signal }),
    refetchInterval: ASK_MS,
  });
  if (data === undefined) {
    return error === null ? <Skeleton rows={8} /> : <Failure error={error} onRetry={refetch} />;
  }
  const { lastHour, budget, trouble } = data;
  const limit = (used: ReactNode, most: ReactNode) =>
    most === undefined ? (
      used
    ) : (
      <>
        {used} of {most}
      </>
    );
  const mostSeconds = budget?.secondsPerHour;
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      {typeof trouble === "string" && (
        <p role="alert" className="border-b bg-bad-soft px-3 py-2 text-bad">
          {trouble}
        </p>
      )}
      <Part title="Machine">
        <Facts
          facts={[
            ["Host", data.host ?? "not told"],
            ["Platform", data.platform ?? "not told"],
            ["Type", data.type],
            ["Version", data.version ?? "not told"],
            ["Can do", data.capabilities.join(", ")],
            [
              data.status === "offline" ? "Last link" : "Linked for",
              <Age key="age" since={data.connectedAt} />,
            ],
          ]}
        />
      </Part>
      <Part title="Resources">
        <Resources agentId={agentId} />
      </Part>
      <Sessions agentId={agentId} />
      <Part
        title="Last hour"
        action={
          <Button size="small" onClick={() => open({ is: "budget", agentId })}>
            Budget…
          </Button>
        }
      >
        <Facts
          facts={[
            ["Commands", limit(lastHour.commands, budget?.commandsPerHour ?? undefined)],
            [
              "Running",
              limit(
                exactSpan(lastHour.seconds * 1000),
                typeof mostSeconds === "number" ? exactSpan(mostSeconds * 1000) : undefined,
              ),
            ],
            [
              "Budget",
              budget
                ? budget.excess === "refuse"
                  ? "refuses what is more"
                  : "holds what is more"
                : "no limit",
            ],
          ]}
        />
      </Part>
    </div>
  );
}
