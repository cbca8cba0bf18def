// The fleet: what waits for a person, then every agent.

import { getRouteApi } from "@tanstack/react-router";
import type { rest } from "pilothouse-client";
import { memo, useMemo, useRef } from "react";
import { useMay } from "@/api/server";
import { type PaletteEntry, usePaletteEntries } from "@/app/palette/open";
import { AgentDialogs } from "@/features/agents/AgentDialogs";
import { useAgentActs } from "@/features/agents/acts";
import { EmergencyButton } from "@/features/agents/EmergencyButton";
import { useAttendedLastLines } from "@/live/activity";
import { useAttention } from "@/live/attention";
import { type Fleet, useFleet } from "@/live/fleet";
import { Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { useSettled } from "@/ui/settled";
import { AgentList } from "./AgentList";
import { Filters } from "./Filters";
import { NoAgents } from "./NoAgents";
import { ordered } from "./order";
import { SelectionBar } from "./SelectionBar";
import type { FleetSearch } from "./search";
import { WaitingList } from "./Waiting";

const route = getRouteApi("/");
const NOTHING: Fleet = new Map();
/** With more agents than this, the order follows more slowly; each row is true at once all the same. */
const MANY = 100;
const ORDER_MS = 1000;
const QUICK_MS = 100;

function useEntries(fleet: Fleet): void {
  const act = useAgentActs();
  const may = useMay();
  const ids = [...fleet.keys()].join("\n");
  const entries = useMemo((): readonly PaletteEntry[] => {
    if (!may.act || ids === "") return [];
    const all = ids.split("\n");
    const group = "This page";
    return [
      { id: "pause-all", label: "Pause all agents", group, run: () => void act("pause", all) },
      { id: "resume-all", label: "Resume all agents", group, run: () => void act("resume", all) },
    ];
  }, [act, may.act, ids]);
  usePaletteEntries(entries);
}

interface Shown {
  readonly search: FleetSearch;
  readonly order: ReturnType<typeof ordered>;
  readonly items: readonly rest.WaitingItem[];
  readonly is: "loading" | "empty" | "there";
}

/** All of the page that does not change with every agent. */
const Around = memo(function Around({ search, order, items, is }: Shown) {
  const filter = useRef<HTMLInputElement>(null);
  return (
    <>
      <PageHeader title="Fleet" documentTitle="Fleet" actions={<EmergencyButton />}>
        {is === "there" && <Filters search={search} counts={order.counts} filter={filter} />}
      </PageHeader>
      <WaitingList items={items} />
      <SelectionBar />
      {is === "loading" && <Skeleton rows={10} />}
      {is === "empty" && <NoAgents />}
      {is === "there" && <AgentList ids={order.ids} filter={filter} />}
    </>
  );
});

const NO_ITEMS: readonly rest.WaitingItem[] = [];

function Agents() {
  const search = route.useSearch();
  const fleet = useFleet().data;
  const many = (fleet?.size ?? 0) > MANY;
  const settled = useSettled(fleet, many ? ORDER_MS : QUICK_MS) ?? NOTHING;
  const items = useAttention().data ?? NO_ITEMS;
  const waiting = useMemo(() => new Set(items.map(({ agentId }) => agentId)), [items]);
  const order = useMemo(() => ordered(settled, search, waiting), [settled, search, waiting]);
  useEntries(settled);
  const is = fleet === undefined ? "loading" : fleet.size === 0 ? "empty" : "there";
  return <Around search={search} order={order} items={items} is={is} />;
}

/** See the top of the file. */
export function Page() {
  useAttendedLastLines();
  return (
    <>
      <Agents />
      <AgentDialogs />
    </>
  );
}
