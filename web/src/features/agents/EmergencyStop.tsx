// Ends everything on every agent: says what that is, does it, shows what became of each, and lets them go on.

import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";
import { type Fleet, useFleet } from "@/live/fleet";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { TextField } from "@/ui/Field";
import { HoldButton } from "@/ui/HoldButton";
import { useEmergency } from "./emergency";
import { StopResults } from "./StopResults";

const NOTHING: Fleet = new Map();

const many = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;

/** What would be ended now. */
function useReach() {
  const fleet = useFleet().data ?? NOTHING;
  const sessions = useSessions().data;
  const live = [...fleet.values()];
  const workers = [...(sessions?.values() ?? [])]
    .flatMap((session) => session.workers)
    .filter(({ state }) => state !== "ended");
  return {
    agents: live.length,
    commands: live.filter(({ running }) => running !== undefined).length,
    workers: workers.length,
    held: live.filter(({ queue }) => queue?.held?.cause === "emergency-stopped").length,
  };
}

function Question({
  reason,
  onReason,
}: {
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}) {
  const { agents, commands, workers } = useReach();
  return (
    <div className="flex flex-col gap-3">
      <ul className="tabular flex flex-col gap-1">
        <li>
          <strong>{many(agents, "agent")}</strong> will start nothing more.
        </li>
        <li>
          <strong>{many(commands, "running command")}</strong> and{" "}
          <strong>{many(workers, "terminal or CLI agent", "terminals and CLI agents")}</strong> will
          be ended, with all that they started.
        </li>
        <li className="text-muted">
          Queues and sessions are kept. Each agent goes on when somebody resumes it.
        </li>
      </ul>
      <TextField
        label="Why (optional, for the audit)"
        value={reason}
        onChange={({ target }) => onReason(target.value)}
      />
    </div>
  );
}

function Stopping() {
  const { agents, held } = useReach();
  return (
    <p role="status" className="tabular py-2">
      All queues are being held ({held} of {agents}). Waiting for every agent to confirm that
      nothing runs any more; that takes at most some seconds.
    </p>
  );
}

function Open({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useServer();
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [reply, setReply] = useState<rest.StopReply>();
  const [problem, setProblem] = useState<string>();
  const stop = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = reason.trim() === "" ? {} : { reason: reason.trim() };
      setReply(await rest.call("POST /api/v1/emergency-stop", { body }));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  if (reply !== undefined) return <StopResults reply={reply} onClose={onClose} />;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Stop everything on every agent?"
      footer={
        <>
          <Button onClick={onClose}>{isBusy ? "Close; it goes on" : "Cancel"}</Button>
          <HoldButton isBusy={isBusy} onHeld={stop}>
            {isBusy ? "Stopping…" : "Hold to stop everything"}
          </HoldButton>
        </>
      }
    >
      {isBusy ? <Stopping /> : <Question reason={reason} onReason={setReason} />}
      {problem !== undefined && (
        <p role="alert" className="pt-2 text-bad">
          It is not sure that everything was stopped: {problem}
        </p>
      )}
    </Dialog>
  );
}

/** The emergency stop, when it is open. Mounted once, beside every page. */
export function EmergencyStop() {
  const { isOpen, close } = useEmergency();
  return isOpen ? <Open onClose={close} /> : null;
}
