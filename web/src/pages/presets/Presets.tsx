// The list of presets.

import { Ellipsis, Pencil, Play, Trash2 } from "lucide-react";
import type { rest } from "pilothouse-client";
import { Age } from "@/ui/Age";
import { exactSpan } from "@/ui/ages";
import { Badge } from "@/ui/Badge";
import { Button, IconButton } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/Emptiness";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { Rows } from "@/ui/Rows";
import type { Doing } from "./Page";

const GRID =
  "sm:grid sm:grid-cols-[minmax(8rem,1fr)_minmax(12rem,2fr)_minmax(7rem,0.8fr)_minmax(6rem,0.7fr)_7rem] items-center gap-x-4 px-4";

const fits = (preset: rest.PresetShape, text: string) =>
  `${preset.name} ${preset.command} ${preset.agentId ?? ""} ${preset.directory ?? ""} ${preset.madeBy}`
    .toLowerCase()
    .includes(text.trim().toLowerCase());

/** The presets that the text fits, by name. */
export function Presets({
  presets,
  text,
  mayAct,
  onDo,
}: {
  readonly presets: readonly rest.PresetShape[];
  readonly text: string;
  readonly mayAct: boolean;
  readonly onDo: (doing: Doing) => void;
}) {
  const found = presets
    .filter((preset) => fits(preset, text))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  if (found.length === 0) return <Empty title={`No preset has “${text}” in it`} />;
  return (
    <>
      <ColumnNames grid={GRID} names={["Name", "Command", "Runs on", "Made by"]} />
      <Rows
        label="Presets"
        items={found}
        keyOf={({ id }) => id}
        rowHeight={45}
        className="bg-surface"
      >
        {(preset) => <Preset preset={preset} mayAct={mayAct} onDo={onDo} />}
      </Rows>
    </>
  );
}

function Preset({
  preset,
  mayAct,
  onDo,
}: {
  readonly preset: rest.PresetShape;
  readonly mayAct: boolean;
  readonly onDo: (doing: Doing) => void;
}) {
  const { name, command, directory, agentId, madeBy, changedAt, priority, timeout } = preset;
  return (
    <div
      className={classes(
        GRID,
        "flex min-h-11 flex-wrap border-b py-1 max-sm:gap-y-1 max-sm:py-2.5",
      )}
    >
      <span className="flex min-w-0 items-center gap-2 max-sm:flex-1">
        <span className="truncate font-medium">{name}</span>
        {priority !== "normal" && (
          <Badge tone={priority === "high" ? "warn" : "neutral"}>{priority}</Badge>
        )}
        {timeout != null && (
          <span className="text-small whitespace-nowrap text-faint">
            at most {exactSpan(timeout)}
          </span>
        )}
      </span>
      <span className="min-w-0 max-sm:order-3 max-sm:w-full">
        <span className="sr-only">Command: </span>
        <code className="block truncate font-mono text-small" title={command}>
          {command}
        </code>
        {directory && (
          <span className="block truncate font-mono text-tiny text-faint">in {directory}</span>
        )}
      </span>
      <span className="min-w-0 truncate max-sm:order-4">
        <span className="sr-only">Runs on: </span>
        {agentId ? (
          <span className="font-mono text-small">{agentId}</span>
        ) : (
          <span className="text-muted">any agent</span>
        )}
      </span>
      <span className="min-w-0 truncate text-muted max-sm:order-5 max-sm:ml-auto max-sm:text-small">
        <span className="sr-only">Made by: </span>
        {madeBy}, <Age since={changedAt} suffix=" ago" />
      </span>
      <span className="flex justify-end gap-1 max-sm:order-2">
        {mayAct && <Actions preset={preset} onDo={onDo} />}
      </span>
    </div>
  );
}

function Actions({
  preset,
  onDo,
}: {
  readonly preset: rest.PresetShape;
  readonly onDo: (doing: Doing) => void;
}) {
  return (
    <>
      <Button
        size="small"
        icon={<Play aria-hidden className="size-3.5" />}
        aria-label={`Run ${preset.name}`}
        onClick={() => onDo({ what: "run", preset })}
      >
        Run
      </Button>
      <Menu
        trigger={
          <IconButton label={`Do something with ${preset.name}`} size="small">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem
          icon={<Pencil aria-hidden className="size-4 text-muted" />}
          onSelect={() => onDo({ what: "change", preset })}
        >
          Change
        </MenuItem>
        <MenuSeparator />
        <MenuItem
          isDanger
          icon={<Trash2 aria-hidden className="size-4" />}
          onSelect={() => onDo({ what: "remove", preset })}
        >
          Remove
        </MenuItem>
      </Menu>
    </>
  );
}
