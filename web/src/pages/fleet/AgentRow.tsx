// One agent in the list: renders again only when that agent changes.

import { Link } from "@tanstack/react-router";
import { memo, useEffect, useRef } from "react";
import { LazyAgentMenu } from "@/features/agents/AgentMenu";
import { AgentState } from "@/features/agents/AgentState";
import { HoldBadge } from "@/features/agents/Hold";
import { useLastLine } from "@/live/activity";
import { type LiveAgent, useLiveAgent } from "@/live/fleet";
import { Age } from "@/ui/Age";
import { Checkbox } from "@/ui/Checkbox";
import { classes } from "@/ui/classes";
import { useSelection } from "./selection";

/** The columns of a wide row and of the line above the list. */
export const COLUMNS =
  "grid items-center gap-x-3 px-4 grid-cols-[1rem_5rem_minmax(9rem,1fr)_minmax(8rem,0.8fr)_minmax(10rem,1.7fr)_11rem_minmax(8rem,1.4fr)_1.75rem]";

function LastLine({ agentId }: { readonly agentId: string }) {
  const line = useLastLine(agentId);
  return (
    <span className="truncate font-mono text-small text-muted" title={line?.text}>
      {line?.text}
    </span>
  );
}

function Running({ running }: { readonly running: LiveAgent["running"] }) {
  if (running === undefined) return <span className="text-faint max-md:hidden">—</span>;
  return (
    <span className="flex min-w-0 items-baseline gap-2">
      <span className="truncate font-mono text-small" title={running.command}>
        {running.command ?? "a command"}
      </span>
      {running.startedAt !== undefined && (
        <Age since={running.startedAt} className="tabular shrink-0 text-small text-muted" />
      )}
    </span>
  );
}

function Queue({ queue }: { readonly queue: LiveAgent["queue"] }) {
  const waiting = queue?.queue.length ?? 0;
  return (
    <span className="flex items-center gap-1.5 whitespace-nowrap">
      {waiting > 0 && <span className="tabular text-small text-muted">{waiting} waiting</span>}
      {queue?.held !== undefined && <HoldBadge hold={queue.held} />}
    </span>
  );
}

function Selected({ agentId }: { readonly agentId: string }) {
  const isSelected = useSelection(({ ids }) => ids.has(agentId));
  const set = useSelection((state) => state.set);
  return (
    <Checkbox
      label={`Select ${agentId}`}
      isChecked={isSelected}
      onChange={(isChecked) => set(agentId, isChecked)}
    />
  );
}

/** The row. `isCurrent` is the one that keys are at. */
export const AgentRow = memo(function AgentRow({
  agentId,
  isCurrent,
  isWide,
  maySelect,
  onFocus,
}: {
  readonly agentId: string;
  readonly isCurrent: boolean;
  readonly isWide: boolean;
  readonly maySelect: boolean;
  /** Whatever moved the focus here: keys go on from here. */
  readonly onFocus: (agentId: string) => void;
}) {
  const live = useLiveAgent(agentId);
  const link = useRef<HTMLAnchorElement>(null);
  // Keys that move through the list take the focus along.
  useEffect(() => {
    if (isCurrent) link.current?.focus({ preventScroll: true });
  }, [isCurrent]);
  if (live === undefined) return null;
  const { agent, queue, running } = live;
  const name = (
    <Link
      ref={link}
      onFocus={() => onFocus(agentId)}
      to="/agents/$agentId"
      params={{ agentId }}
      className="min-w-0 shrink-0 max-w-full truncate font-medium after:absolute after:inset-0"
    >
      {agent.name}
    </Link>
  );
  const menu = (
    <span className="relative z-10">
      <LazyAgentMenu
        agentId={agentId}
        isHeld={queue?.held !== undefined}
        isLinked={agent.status !== "offline"}
      />
    </span>
  );
  const look = classes(
    "relative border-b hover:bg-sunken dark:hover:bg-raised/60",
    isCurrent && "bg-accent-soft",
    agent.status === "offline" && "text-muted",
  );
  if (!isWide) {
    return (
      <div className={classes(look, "flex flex-col gap-0.5 px-4 py-2")}>
        <div className="flex items-center gap-2">
          {name}
          <span className="ml-auto flex items-center gap-2">
            <Queue queue={queue} />
            <AgentState status={agent.status} />
            {menu}
          </span>
        </div>
        <Running running={running} />
        <LastLine agentId={agentId} />
      </div>
    );
  }
  return (
    <div className={classes(look, COLUMNS, "h-9")}>
      <span className="relative z-10 flex items-center">
        {maySelect && <Selected agentId={agentId} />}
      </span>
      <AgentState status={agent.status} />
      <span className="flex min-w-0 items-baseline gap-2">
        {name}
        {agent.name !== agentId && (
          <span className="min-w-0 truncate font-mono text-tiny text-faint">{agentId}</span>
        )}
      </span>
      <span
        className="truncate text-small text-muted"
        title={`${agent.metadata.platform}, can do ${agent.capabilities.join(", ")}`}
      >
        {agent.metadata.host} · {agent.agentType}
      </span>
      <Running running={running} />
      <Queue queue={queue} />
      <LastLine agentId={agentId} />
      {menu}
    </div>
  );
});
