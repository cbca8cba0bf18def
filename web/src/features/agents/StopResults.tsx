// What became of each agent in an emergency stop, and the way back.

import { Check, CircleHelp, X } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useMemo, useState } from "react";
import { useLiveAgent } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Rows } from "@/ui/Rows";
import { notStopped, useAgentActs } from "./acts";

const ORDER = ["refused", "unreachable", "stopped"];

const LOOKS = {
  stopped: { icon: Check, look: "text-ok" },
  refused: { icon: X, look: "text-bad" },
  unreachable: { icon: CircleHelp, look: "text-warn" },
} as const;

const isKnown = (result: string): result is keyof typeof LOOKS => Object.hasOwn(LOOKS, result);

function words(agent: rest.StoppedAgent): string {
  const problem = notStopped(agent);
  if (problem !== undefined) return problem;
  const { commands, workers } = agent;
  const parts = [
    commands ? `${commands} ${commands === 1 ? "command" : "commands"}` : "",
    workers ? `${workers} ${workers === 1 ? "worker" : "workers"}` : "",
  ].filter(Boolean);
  return parts.length === 0 ? "nothing ran" : `ended ${parts.join(" and ")}`;
}

function Result({ agent }: { readonly agent: rest.StoppedAgent }) {
  const act = useAgentActs();
  const [isBusy, setBusy] = useState(false);
  const isHeld = useLiveAgent(agent.agentId)?.queue?.held !== undefined;
  const { icon: Icon, look } = LOOKS[isKnown(agent.result) ? agent.result : "unreachable"];
  const resume = async () => {
    setBusy(true);
    await act("resume", [agent.agentId]);
    setBusy(false);
  };
  return (
    <div className="flex min-h-9 items-center gap-2 border-b px-1 py-1">
      <span className={`flex w-28 shrink-0 items-center gap-1.5 font-medium ${look}`}>
        <Icon aria-hidden className="size-4" strokeWidth={2.5} />
        {agent.result}
      </span>
      <span className="w-40 shrink-0 truncate font-mono text-small">{agent.agentId}</span>
      <span className="min-w-0 flex-1 text-muted">{words(agent)}</span>
      {isHeld && (
        <Button size="small" isBusy={isBusy} onClick={resume}>
          Resume
        </Button>
      )}
    </div>
  );
}

/** The list, those that need a look first. */
export function StopResults({
  reply,
  onClose,
}: {
  readonly reply: rest.StopReply;
  readonly onClose: () => void;
}) {
  const act = useAgentActs();
  const [isBusy, setBusy] = useState(false);
  const agents = useMemo(
    () => reply.agents.toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result)),
    [reply],
  );
  const stopped = agents.filter(({ result }) => result === "stopped").length;
  const resumeAll = async () => {
    setBusy(true);
    await act(
      "resume",
      agents.map(({ agentId }) => agentId),
    );
    setBusy(false);
  };
  const lead = reply.confirmed
    ? "Every agent confirmed that nothing of it runs any more."
    : `${stopped} of ${agents.length} agents confirmed that nothing of them runs any more. Look at the others.`;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="wide"
      title={reply.confirmed ? "Everything is stopped" : "Not everything is stopped"}
      description={lead}
      footer={
        <>
          <Button isBusy={isBusy} onClick={resumeAll}>
            Let all go on
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="flex h-[40dvh] flex-col">
        <Rows
          items={agents}
          keyOf={({ agentId }) => agentId}
          rowHeight={36}
          label="What became of each agent"
        >
          {(agent) => <Result agent={agent} />}
        </Rows>
      </div>
    </Dialog>
  );
}
