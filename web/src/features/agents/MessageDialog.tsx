// Typing something to an agent's worker, without opening its terminal.

import { useState } from "react";
import { useServer } from "@/api/server";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField, TextArea } from "@/ui/Field";
import { tell } from "@/ui/Toasts";
import { useAttempt } from "@/ui/useAttempt";

const FIRST = "";

/** Workers of an agent that can be typed to, by "session/worker". */
function useWorkers(agentId: string) {
  const sessions = useSessions().data;
  return [...(sessions?.values() ?? [])]
    .filter(({ agent }) => agent === agentId)
    .flatMap(({ id, title, locationPath, workers }) =>
      workers
        .filter(({ state }) => state === "running")
        .map((worker) => ({
          value: `${id}/${worker.id}`,
          label: `${worker.name}, ${title ?? locationPath}`,
        })),
    );
}

/** The dialog. */
export function MessageDialog({
  agentId,
  onClose,
}: {
  readonly agentId: string;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const workers = useWorkers(agentId);
  const [message, setMessage] = useState("");
  const [place, setPlace] = useState(FIRST);
  const { isBusy, problem, attempt } = useAttempt();
  const send = () =>
    attempt(async () => {
      const [sessionId, workerId] = place.split("/");
      const target =
        place === FIRST ? {} : { sessionId: sessionId ?? null, workerId: workerId ?? null };
      const path = { agent: agentId };
      const body = { message, ...target };
      await rest.call("POST /api/v1/agents/{agent}/message", { path, body });
      tell(`${agentId} was told`);
      onClose();
    });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Message to ${agentId}`}
      description="It is typed into the worker as it is, and Enter follows."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" isBusy={isBusy} disabled={message.trim() === ""} onClick={send}>
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextArea
          label="Message"
          autoFocus
          value={message}
          problem={problem}
          onChange={({ target }) => setMessage(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
          }}
        />
        <SelectField
          label="To"
          value={place}
          onChange={({ target }) => setPlace(target.value)}
          options={[{ value: FIRST, label: "The only one that can be meant" }, ...workers]}
          hint={workers.length === 0 ? "No worker runs on this agent now." : undefined}
        />
      </div>
    </Dialog>
  );
}
