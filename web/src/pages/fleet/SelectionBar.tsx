// What can be done to all chosen agents at once.

import { OctagonX, Pause, Play } from "lucide-react";
import { useState } from "react";
import { type AgentAct, useAgentActs } from "@/features/agents/acts";
import { useAgentDialogs } from "@/features/agents/dialogs";
import { useFleet } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { useSelection } from "./selection";

/** The bar; nothing while nobody is chosen. */
export function SelectionBar() {
  const selected = useSelection((state) => state.ids);
  const only = useSelection((state) => state.only);
  const open = useAgentDialogs((state) => state.open);
  const act = useAgentActs();
  const known =
    useFleet((fleet) => [...selected].filter((id) => fleet.has(id)).join("\n")).data ?? "";
  const [busy, setBusy] = useState<AgentAct>();
  if (known === "") return null;
  const ids = known.split("\n");
  const run = async (name: AgentAct) => {
    setBusy(name);
    await act(name, ids);
    setBusy(undefined);
  };
  return (
    <div
      role="toolbar"
      aria-label="Chosen agents"
      className="flex flex-wrap items-center gap-2 border-b bg-accent-soft px-4 py-1.5"
    >
      <span className="tabular mr-2 font-medium text-accent-ink">{ids.length} chosen</span>
      <Button
        size="small"
        icon={<Pause aria-hidden className="size-3.5" />}
        isBusy={busy === "pause"}
        onClick={() => run("pause")}
      >
        Pause
      </Button>
      <Button
        size="small"
        icon={<Play aria-hidden className="size-3.5" />}
        isBusy={busy === "resume"}
        onClick={() => run("resume")}
      >
        Resume
      </Button>
      <Button
        size="small"
        icon={<OctagonX aria-hidden className="size-3.5" />}
        onClick={() => open({ is: "stop", agentIds: ids })}
      >
        Stop…
      </Button>
      <Button size="small" kind="quiet" className="ml-auto" onClick={() => only([])}>
        Choose none
      </Button>
    </div>
  );
}
