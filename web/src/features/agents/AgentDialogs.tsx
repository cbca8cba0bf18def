// The dialogs about agents, mounted once by each page that opens them.

import { Confirmation } from "@/ui/Dialog";
import { useAgentActs } from "./acts";
import { BudgetDialog } from "./BudgetDialog";
import { useAgentDialogs } from "./dialogs";
import { MessageDialog } from "./MessageDialog";

/** Whichever is open. */
export function AgentDialogs() {
  const { now, close } = useAgentDialogs();
  const act = useAgentActs();
  if (now === undefined) return null;
  if (!("agentIds" in now)) {
    const Asked = now.is === "message" ? MessageDialog : BudgetDialog;
    return <Asked agentId={now.agentId} onClose={close} />;
  }
  const { agentIds } = now;
  const [first = ""] = agentIds;
  const who = agentIds.length === 1 ? first : `${agentIds.length} agents`;
  if (now.is === "stop") {
    return (
      <Confirmation
        isOpen
        onClose={close}
        title={`Stop ${who}?`}
        action={`Stop ${who}`}
        onConfirm={() => act("stop", agentIds)}
      >
        <p>
          What runs there is ended, terminals included, and nothing more of the queue is started
          until somebody resumes it.
        </p>
      </Confirmation>
    );
  }
  return (
    <Confirmation
      isOpen
      onClose={close}
      title={`Restart ${who}?`}
      action={`Restart ${who}`}
      onConfirm={() => act("restart", agentIds)}
    >
      <p>What runs there is ended, terminals included. The queue goes on when it is back.</p>
    </Confirmation>
  );
}
