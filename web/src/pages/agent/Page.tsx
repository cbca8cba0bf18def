// One agent: what it runs, what waits, what it is, and the line that gives it more to do.

import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Pause, Play } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { useMay, useServer } from "@/api/server";
import { type PaletteEntry, usePaletteEntries } from "@/app/palette/open";
import { AgentDialogs } from "@/features/agents/AgentDialogs";
import { AgentMenu } from "@/features/agents/AgentMenu";
import { AgentState } from "@/features/agents/AgentState";
import { useAgentActs } from "@/features/agents/acts";
import { EmergencyButton } from "@/features/agents/EmergencyButton";
import { HoldBadge } from "@/features/agents/Hold";
import { uniqueLines } from "@/features/commands/lines";
import { usePresets } from "@/features/commands/presets";
import { useRecentCommands } from "@/features/commands/recent";
import { type LiveAgent, useFleet } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Emptiness";
import { useKeys } from "@/ui/keyboard";
import { useMedia } from "@/ui/media";
import { PageHeader } from "@/ui/PageHeader";
import { Tabs } from "@/ui/Tabs";
import { About } from "./About";
import { Commands } from "./Commands";
import { Composer } from "./Composer";
import { Output } from "./Output";
import { useRun } from "./run";
import type { AgentTab } from "./search";

const route = getRouteApi("/agents/$agentId");
/** Below this, output is one of the tabs. */
const WIDE_PX = 900;

function Header({ live }: { readonly live: LiveAgent }) {
  const { agent, queue } = live;
  const act = useAgentActs();
  const may = useMay();
  const isHeld = queue?.held !== undefined;
  const actions = (
    <>
      {may.act && (
        <Button
          icon={
            isHeld ? (
              <Play aria-hidden className="size-4" />
            ) : (
              <Pause aria-hidden className="size-4" />
            )
          }
          onClick={() => act(isHeld ? "resume" : "pause", [agent.agentId])}
        >
          {isHeld ? "Resume" : "Pause"}
        </Button>
      )}
      <AgentMenu agentId={agent.agentId} isHeld={isHeld} isLinked={agent.status !== "offline"} />
      <span className="max-sm:hidden">
        <EmergencyButton />
      </span>
    </>
  );
  const lead = (
    <>
      <AgentState status={agent.status} />
      {queue?.held !== undefined && <HoldBadge hold={queue.held} />}
      <span className="truncate text-small text-muted max-sm:hidden">
        {agent.metadata.host} · {agent.agentType} · {agent.metadata.version}
      </span>
    </>
  );
  return <PageHeader title={agent.name} documentTitle={agent.name} lead={lead} actions={actions} />;
}

/** Why nothing can be run here now, if that is so. */
function useRefusal({ agent }: LiveAgent): string | undefined {
  const may = useMay();
  if (!may.act) return "Viewers watch. Running commands takes the role operator or admin.";
  if (agent.status === "offline")
    return `${agent.name} is away. It has to link again before it runs anything.`;
  if (!agent.capabilities.includes("commands")) return `${agent.name} does not run commands.`;
  return undefined;
}

function useEntries(
  agentId: string,
  run: ReturnType<typeof useRun>["run"],
  isRefused: boolean,
): void {
  const presets = usePresets(agentId);
  const entries = useMemo(
    (): readonly PaletteEntry[] =>
      isRefused
        ? []
        : presets.map(({ id, name, command }) => ({
            id: `preset ${id}`,
            label: `Run ${name}`,
            hint: command,
            group: "Presets",
            run: () => void run({ agentId, preset: id }),
          })),
    [presets, agentId, run, isRefused],
  );
  usePaletteEntries(entries);
}

function Shown({ live }: { readonly live: LiveAgent }) {
  const { agentId } = live.agent;
  const { command: asked, tab, line = "" } = route.useSearch();
  const navigate = useNavigate();
  const isWide = useMedia(`(min-width: ${WIDE_PX}px)`);
  const { user } = useServer();
  const running = useRun(agentId);
  const refusal = useRefusal(live);
  const recent = useRecentCommands(agentId).data;
  const field = useRef<HTMLTextAreaElement>(null);
  const all = useMemo(() => recent?.pages.flatMap((page) => page.commands) ?? [], [recent]);
  const lines = useMemo(
    () =>
      uniqueLines(
        all.filter(({ requestedBy }) => requestedBy === user.name).map(({ command }) => command),
      ),
    [all, user.name],
  );
  const chosen = asked ?? live.running?.commandId ?? all[0]?.id;
  // Whoever came to run a line only has to press Enter.
  useEffect(() => {
    if (line !== "") field.current?.focus();
  }, [line]);
  useKeys({ n: () => field.current?.focus(), "/": () => field.current?.focus() });
  useEntries(agentId, running.run, refusal !== undefined);
  const choose = (to: AgentTab) =>
    void navigate({
      to: "/agents/$agentId",
      params: { agentId },
      search: { ...(asked === undefined ? {} : { command: asked }), tab: to },
      replace: true,
    });
  const waiting = live.queue?.queue.length ?? 0;
  const output = (
    <Output
      key={chosen}
      commandId={chosen}
      isKnown={recent !== undefined}
      mayRun={refusal === undefined}
    />
  );
  const tabs = [
    {
      id: "commands",
      label: waiting > 0 ? `Commands, ${waiting} waiting` : "Commands",
      panel: <Commands agentId={agentId} chosen={chosen} />,
    },
    { id: "about", label: "About", panel: <About agentId={agentId} /> },
  ] as const;
  const composer = (
    <Composer
      key={line}
      agentId={agentId}
      field={field}
      lines={lines}
      firstLine={line}
      refusal={refusal}
      running={running}
    />
  );
  if (!isWide) {
    return (
      <>
        <Tabs
          label="This agent"
          tabs={[{ id: "output", label: "Output", panel: output }, ...tabs]}
          chosen={tab ?? "output"}
          onChoose={choose}
        />
        {composer}
      </>
    );
  }
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {output}
        {composer}
      </div>
      <aside className="flex w-96 min-w-0 flex-col border-l bg-surface">
        <Tabs
          label="This agent"
          tabs={tabs}
          chosen={tab === "about" ? "about" : "commands"}
          onChoose={choose}
        />
      </aside>
    </div>
  );
}

/** See the top of the file. */
export function Page() {
  const { agentId } = route.useParams();
  const fleet = useFleet().data;
  const live = fleet?.get(agentId);
  if (live === undefined) {
    return (
      <>
        <PageHeader title={agentId} documentTitle={agentId} />
        {fleet === undefined ? (
          <Skeleton rows={10} />
        ) : (
          <Empty title={`There is no agent ${agentId}`}>
            It may have been forgotten, or the link is mistyped.
          </Empty>
        )}
      </>
    );
  }
  return (
    <>
      <Header live={live} />
      <Shown key={agentId} live={live} />
      <AgentDialogs />
    </>
  );
}
