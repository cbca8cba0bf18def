// One command in a line: how it stands, its line, how long, and ending it.

import { Octagon } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useMay } from "@/api/server";
import { isOver } from "@/live/commands";
import { Age } from "@/ui/Age";
import { exactSpan } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { CommandState } from "./CommandState";
import { useInterrupt } from "./interrupting";

/** Ends a command, and says so until it has ended. */
export function InterruptButton({ commandId }: { readonly commandId: string }) {
  const { isAsked, interrupt } = useInterrupt(commandId);
  return (
    <Button
      size="small"
      isBusy={isAsked}
      icon={<Octagon aria-hidden className="size-3.5" />}
      onClick={interrupt}
    >
      {isAsked ? "Interrupting…" : "Interrupt"}
    </Button>
  );
}

/** The line. */
export function CommandLead({ command }: { readonly command: rest.Command }) {
  const may = useMay();
  const { startedAt, executionTime, status } = command;
  return (
    <>
      <CommandState command={command} />
      <span className="tabular text-small whitespace-nowrap text-muted">
        {status === "running" && typeof startedAt === "string" && <Age since={startedAt} />}
        {typeof executionTime === "number" && exactSpan(executionTime)}
      </span>
      <code className="min-w-0 truncate font-mono text-small" title={command.command}>
        {command.command}
      </code>
      {may.act && !isOver(status) && <InterruptButton commandId={command.id} />}
    </>
  );
}
