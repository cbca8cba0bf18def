// The server: which it is, and how it is.

import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { serverUrl } from "@/api/place";
import { useServer } from "@/api/server";
import { exactSpan } from "@/ui/ages";
import { Status } from "@/ui/Badge";
import { Button, buttonLook } from "@/ui/Button";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { Section } from "@/ui/Section";
import { type Health, readHealth } from "./health";

const LOOK_MS = 10_000;

function useHealth() {
  const { url } = useServer();
  return useQuery({
    queryKey: ["health"],
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }): Promise<Health> => {
      const answer = await fetch(`${url}/health`, { signal });
      return readHealth(await answer.json());
    },
  });
}

/** See the top of the file. */
export function ServerSettings() {
  const health = useHealth();
  const router = useRouter();
  return (
    <>
      <Section title="Server" description="As it says of itself, now.">
        {health.isPending && <Skeleton rows={4} />}
        {health.data === undefined && health.error !== null && (
          <Failure error={health.error} onRetry={() => health.refetch()} />
        )}
        {health.data !== undefined && <Facts health={health.data} />}
      </Section>
      <Section
        title="Agent types"
        description="Which command line agents sessions can start, and how."
        actions={
          <Button
            onClick={() => router.navigate({ to: "/sessions", search: { "agent-types": 1 } })}
          >
            Open agent types
          </Button>
        }
      >
        {null}
      </Section>
      <Section
        title="Interface"
        description="Everything that this page does, other programs can do too."
        actions={
          <a
            href={`${serverUrl}/api/docs`}
            target="_blank"
            rel="noreferrer"
            className={buttonLook()}
          >
            Open its documentation
            <ExternalLink aria-hidden className="size-3.5" />
            <span className="sr-only"> in another tab</span>
          </a>
        }
      >
        {null}
      </Section>
    </>
  );
}

const TONES = { ok: "ok", degraded: "warn", stopping: "bad" } as const;
const WORDS = { ok: "well", degraded: "degraded", stopping: "stopping" } as const;

function Facts({ health }: { readonly health: Health }) {
  const { status, reasons, version, uptimeMs, agents, commands, sockets, limit } = health;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [
      "It is",
      <Status key="status" tone={TONES[status]}>
        {WORDS[status]}
      </Status>,
    ],
    ["Version", version],
    ["Runs for", exactSpan(uptimeMs)],
    ["Agents", `${agents.online} of ${agents.known} here`],
    ["Commands", `${commands.running} running, ${commands.queued} waiting`],
    ["Connections", `${sockets} open, at most ${limit}`],
  ];
  return (
    <dl className="grid grid-cols-[8rem_1fr] gap-y-1 tabular">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {reasons.map((reason) => (
        <div key={reason} className="contents">
          <dt className="text-muted">Because</dt>
          <dd className="text-warn">{reason}</dd>
        </div>
      ))}
    </dl>
  );
}
