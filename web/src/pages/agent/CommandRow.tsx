// One command that runs or has ended: how, how long, who.

import { Link } from "@tanstack/react-router";
import type { rest } from "pilothouse-client";
import { memo } from "react";
import { CommandState } from "@/features/commands/CommandState";
import { asItStands } from "@/features/commands/recent";
import { useCommandStatus } from "@/live/commands";
import { Age } from "@/ui/Age";
import { exactSpan } from "@/ui/ages";
import { classes } from "@/ui/classes";

/** The row; it leads to the command's output. */
export const CommandRow = memo(function CommandRow({
  command: told,
  isChosen,
}: {
  readonly command: rest.Command;
  readonly isChosen: boolean;
}) {
  const command = asItStands(told, useCommandStatus(told.id));
  const { id, agentId, startedAt, executionTime, requestedBy, requestedAt, endedAt } = command;
  const isRunning = command.status === "running";
  return (
    <Link
      to="/agents/$agentId"
      params={{ agentId }}
      search={{ command: id }}
      replace
      aria-current={isChosen ? "true" : undefined}
      className={classes(
        "flex flex-col gap-0.5 border-b px-3 py-1.5 hover:bg-sunken dark:hover:bg-raised/60",
        isChosen && "bg-accent-soft!",
      )}
    >
      <span className="truncate font-mono text-small" title={command.command}>
        {command.command}
      </span>
      <span className="tabular flex items-center gap-2 text-small text-muted">
        <CommandState command={command} />
        {isRunning && typeof startedAt === "string" && <Age since={startedAt} />}
        {typeof executionTime === "number" && <span>{exactSpan(executionTime)}</span>}
        <span className="ml-auto truncate">{requestedBy}</span>
        <Age since={endedAt ?? startedAt ?? requestedAt} suffix=" ago" />
      </span>
    </Link>
  );
});
