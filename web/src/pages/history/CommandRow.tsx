// One command of the list: one line on wide screens, two on phones.

import { Link } from "@tanstack/react-router";
import { Copy, RotateCcw } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useMay } from "@/api/server";
import { Age } from "@/ui/Age";
import { Status } from "@/ui/Badge";
import { buttonLook, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Marked } from "@/ui/Marked";
import { Moment } from "@/ui/Moment";
import { tell, tellFailure } from "@/ui/Toasts";
import { useCommandNow } from "./commands";
import { durationOf, outcomeOf, reasonOf } from "./outcome";

/** The columns, also of the heading. */
export const COLUMNS =
  "lg:grid lg:grid-cols-[9.5rem_minmax(0,1fr)_8rem_7rem_5.5rem_6.5rem_4rem] lg:items-center gap-x-3 px-4";

async function copy(line: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(line);
    tell("The line is copied");
  } catch (error) {
    tellFailure("The line could not be copied", error);
  }
}

function Actions({ command }: { readonly command: rest.Command }) {
  const { act } = useMay();
  return (
    <span className="relative z-10 flex justify-end opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 max-lg:hidden touch:opacity-100">
      {act && (
        <Link
          to="/agents/$agentId"
          params={{ agentId: command.agentId }}
          search={{ line: command.command }}
          aria-label="Run again"
          title="Run again: puts the line into the agent's field"
          className={classes(buttonLook("quiet", "small"), "w-7 px-0!")}
        >
          <RotateCcw aria-hidden className="size-3.5" />
        </Link>
      )}
      <IconButton label="Copy the line" size="small" onClick={() => copy(command.command)}>
        <Copy aria-hidden className="size-3.5" />
      </IconButton>
    </span>
  );
}

function Duration({ command }: { readonly command: rest.Command }) {
  if (command.status === "running" && command.startedAt) {
    return <Age since={command.startedAt} className="tabular text-accent-ink" />;
  }
  return <span className="tabular text-muted">{durationOf(command) ?? "–"}</span>;
}

function Outcome({ command }: { readonly command: rest.Command }) {
  const { word, number, tone, isLive = false } = outcomeOf(command);
  return (
    <Status tone={tone} pulses={isLive}>
      <span className={tone === "bad" ? "font-medium text-bad" : ""}>{word}</span>
      {number !== undefined && <span className="tabular text-small text-faint">{number}</span>}
    </Status>
  );
}

/** A row that leads to the command. */
export function CommandRow({
  command: told,
  query,
}: {
  readonly command: rest.Command;
  readonly query: string;
}) {
  const command = useCommandNow(told);
  const line = (
    <Link
      to="/history/commands/$commandId"
      params={{ commandId: command.id }}
      className="min-w-0 shrink truncate font-mono text-small -outline-offset-2 after:absolute after:inset-0"
      title={command.command}
    >
      <Marked text={command.command} query={query} by="parts" />
    </Link>
  );
  const reason = reasonOf(command);
  const error = reason !== undefined && (
    <span className="min-w-16 flex-1 truncate text-small text-bad" title={reason}>
      {reason}
    </span>
  );
  return (
    <div
      className={classes(
        COLUMNS,
        "group relative border-b hover:bg-sunken max-lg:flex max-lg:flex-wrap max-lg:gap-x-2 max-lg:py-2 max-lg:text-small lg:h-9 dark:hover:bg-raised",
      )}
    >
      <Outcome command={command} />
      <span className="flex min-w-0 items-baseline gap-3 max-lg:-order-1 max-lg:w-full">
        {line}
        {error}
      </span>
      <Link
        to="/agents/$agentId"
        params={{ agentId: command.agentId }}
        className="relative z-10 w-fit max-w-full truncate text-muted hover:text-ink hover:underline max-lg:order-2 max-lg:max-w-28"
      >
        {command.agentId}
      </Link>
      <span className="truncate text-muted max-lg:order-3 max-lg:max-w-20">
        {command.requestedBy}
      </span>
      <span className="max-lg:order-1">
        <Duration command={command} />
      </span>
      <Moment
        at={command.requestedAt}
        className="tabular text-small whitespace-nowrap text-muted max-lg:order-4 max-lg:ml-auto"
      />
      <Actions command={command} />
    </div>
  );
}
