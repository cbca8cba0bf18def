// One command that waits.

import { Link } from "@tanstack/react-router";
import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  Ellipsis,
  GripVertical,
  X,
} from "lucide-react";
import type { dashboard } from "pilothouse-client";
import { useInterrupt } from "@/features/commands/interrupting";
import { Age } from "@/ui/Age";
import { Badge } from "@/ui/Badge";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";

const TONES = { high: "accent", normal: "neutral", low: "neutral" } as const;

/** The row. `onShift` is told a place in its class, from 0. */
export function QueueRow({
  agentId,
  entry,
  place,
  mayAct,
  isChosen,
  isTarget,
  onDrag,
  onDrop,
  onShift,
}: {
  readonly agentId: string;
  readonly entry: dashboard.QueuedCommand;
  readonly place: { readonly at: number; readonly of: number };
  readonly mayAct: boolean;
  readonly isChosen: boolean;
  /** Whether what is being dragged may be dropped here. */
  readonly isTarget: boolean;
  readonly onDrag: (commandId: string | undefined) => void;
  readonly onDrop: () => void;
  readonly onShift: (to: number) => void;
}) {
  const { commandId, command, priority, position, requestedBy, requestedAt } = entry;
  const { isAsked, interrupt } = useInterrupt(commandId);
  const isMovable = mayAct && place.of > 1;
  const { at, of } = place;
  return (
    <li
      draggable={isMovable}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", command);
        onDrag(commandId);
      }}
      onDragEnd={() => onDrag(undefined)}
      onDragOver={(event) => isTarget && event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        onDrop();
      }}
      onKeyDown={(event) => {
        if (!isMovable || !event.altKey) return;
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        onShift(event.key === "ArrowUp" ? at - 1 : at + 1);
      }}
      className={classes(
        "flex items-center gap-2 border-t py-1 pr-2 pl-1",
        isChosen && "bg-accent-soft",
        isAsked && "opacity-60",
      )}
    >
      <GripVertical
        aria-hidden
        className={classes("size-4 shrink-0 text-faint", isMovable ? "cursor-grab" : "invisible")}
      />
      <span className="tabular w-5 shrink-0 text-right text-small text-muted">{position}</span>
      <Link
        to="/agents/$agentId"
        params={{ agentId }}
        search={{ command: commandId }}
        replace
        draggable={false}
        title={isMovable ? `${command} (Alt+Up and Alt+Down move it)` : command}
        className="flex min-w-0 flex-1 flex-col"
      >
        <span className="truncate font-mono text-small">{command}</span>
        <span className="tabular flex gap-2 text-tiny text-muted">
          {isAsked ? "interrupting…" : requestedBy} <Age since={requestedAt} suffix=" ago" />
        </span>
      </Link>
      {priority !== "normal" && <Badge tone={TONES[priority]}>{priority}</Badge>}
      {mayAct && (
        <Menu
          trigger={
            <IconButton label={`What to do with ${command}`} size="small">
              <Ellipsis aria-hidden className="size-4" />
            </IconButton>
          }
        >
          <MenuItem
            icon={<ArrowUpToLine aria-hidden className="size-4" />}
            isDisabled={at === 0}
            onSelect={() => onShift(0)}
          >
            First of its class
          </MenuItem>
          <MenuItem
            icon={<ArrowUp aria-hidden className="size-4" />}
            isDisabled={at === 0}
            onSelect={() => onShift(at - 1)}
          >
            Move up
          </MenuItem>
          <MenuItem
            icon={<ArrowDown aria-hidden className="size-4" />}
            isDisabled={at === of - 1}
            onSelect={() => onShift(at + 1)}
          >
            Move down
          </MenuItem>
          <MenuItem
            icon={<ArrowDownToLine aria-hidden className="size-4" />}
            isDisabled={at === of - 1}
            onSelect={() => onShift(of - 1)}
          >
            Last of its class
          </MenuItem>
          <MenuSeparator />
          <MenuItem
            isDanger
            icon={<X aria-hidden className="size-4" />}
            isDisabled={isAsked}
            onSelect={interrupt}
          >
            Take out of the queue
          </MenuItem>
        </Menu>
      )}
    </li>
  );
}
