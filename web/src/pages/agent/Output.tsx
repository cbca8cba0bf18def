// What the chosen command wrote, above the line that runs the next one.

import { Link } from "@tanstack/react-router";
import { Link2, SquareTerminal } from "lucide-react";
import { CommandLead } from "@/features/commands/CommandLead";
import { endReason } from "@/features/commands/ending";
import { OutputView } from "@/features/commands/OutputView";
import { useCommand } from "@/features/commands/useCommand";
import { buttonLook } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";

function Shown({ commandId }: { readonly commandId: string }) {
  const { command, error, refetch } = useCommand(commandId);
  if (command === undefined) {
    return error === null ? <Skeleton rows={6} /> : <Failure error={error} onRetry={refetch} />;
  }
  const reason = endReason(command);
  const lead = (
    <>
      <CommandLead command={command} />
      <Link
        to="/history/commands/$commandId"
        params={{ commandId }}
        aria-label="Everything about this command"
        title="Everything about this command"
        className={buttonLook("quiet", "small")}
      >
        <Link2 aria-hidden className="size-4" />
      </Link>
    </>
  );
  return (
    <>
      <OutputView
        key={commandId}
        commandId={commandId}
        isWaiting={command.status === "queued"}
        lead={lead}
      />
      {reason !== undefined && (
        <p className="border-t bg-bad-soft px-4 py-1.5 text-small text-bad">{reason}</p>
      )}
    </>
  );
}

/** The output; what to do first while nothing was run yet. */
export function Output({
  commandId,
  isKnown,
  mayRun,
}: {
  readonly commandId: string | undefined;
  /** Whether it is known what was run here. */
  readonly isKnown: boolean;
  readonly mayRun: boolean;
}) {
  if (commandId !== undefined) return <Shown commandId={commandId} />;
  if (!isKnown) return <Skeleton rows={6} />;
  return (
    <Empty icon={<SquareTerminal aria-hidden />} title="Nothing was run here yet">
      {mayRun
        ? "Write a command line below and press Enter. What it prints is shown here while it runs."
        : "What is run is shown here, while it runs and after."}
    </Empty>
  );
}
