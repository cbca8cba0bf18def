// What an agent's machine has left, as the agent told it last, and how that went.

import { useQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { bytes } from "@/ui/ages";
import { Sparkline } from "@/ui/Sparkline";

/** How often it is asked for while it is looked at; agents tell it about as often. */
const ASK_MS = 10_000;

const percent = (value: number): string => `${Math.round(value)} %`;

const share = ({ used, total }: rest.ResourceRoom): number =>
  total > 0 ? (used / total) * 100 : 0;

function Meter({
  name,
  words,
  values,
}: {
  readonly name: string;
  readonly words: string;
  /** In per cent, oldest first. */
  readonly values: readonly (number | undefined)[];
}) {
  return (
    <div className="flex min-h-7 items-center gap-3">
      <dt className="w-28 shrink-0 text-muted">{name}</dt>
      <dd className="tabular flex min-w-0 flex-1 items-center justify-between gap-3">
        <span className="truncate">{words}</span>
        {values.length > 1 && <Sparkline values={values} most={100} />}
      </dd>
    </div>
  );
}

const room = (value: rest.ResourceRoom | null | undefined): string =>
  value ? `${percent(share(value))} of ${bytes(value.total)}` : "not told";

/** The meters; a sentence for agents that do not tell. */
export function Resources({ agentId }: { readonly agentId: string }) {
  const { rest } = useServer();
  const { data } = useQuery({
    queryKey: keys.resources(agentId),
    queryFn: async ({ signal }) => {
      const path = { agent: agentId };
      return (await rest.call("GET /api/v1/agents/{agent}/resources", { path, signal })).resources;
    },
    refetchInterval: ASK_MS,
  });
  const newest = data?.at(-1);
  if (newest === undefined || data === undefined) {
    return (
      <p className="text-muted">
        {data === undefined
          ? "Asking the server."
          : "Not told: the agent may be older, or has just linked."}
      </p>
    );
  }
  const { cpu, processors, memory, disk, load, commands, workers } = newest;
  const cores =
    typeof processors === "number"
      ? ` of ${processors} ${processors === 1 ? "core" : "cores"}`
      : "";
  return (
    <dl>
      <Meter
        name="CPU"
        words={typeof cpu === "number" ? `${percent(cpu)}${cores}` : "not told"}
        values={data.map((one) => one.cpu ?? undefined)}
      />
      <Meter
        name="Memory"
        words={room(memory)}
        values={data.map((one) => (one.memory ? share(one.memory) : undefined))}
      />
      <Meter
        name="Disk"
        words={room(disk)}
        values={data.map((one) => (one.disk ? share(one.disk) : undefined))}
      />
      <Meter
        name="Load"
        words={load ? load.map((one) => one.toFixed(2)).join(", ") : "not told"}
        values={[]}
      />
      <Meter name="Runs" words={`${commands} commands, ${workers} workers`} values={[]} />
    </dl>
  );
}
