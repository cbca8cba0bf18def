// Making a preset, or putting something else in its place.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { useFleet } from "@/live/fleet";
import { SelectField, TextArea, TextField } from "@/ui/Field";
import { type Filled, FormDialog } from "@/ui/FormDialog";
import { tell } from "@/ui/Toasts";

const PRIORITIES = [
  { value: "high", label: "High: before the others" },
  { value: "normal", label: "Normal" },
  { value: "low", label: "Low: after the others" },
] as const;

const NO_AGENTS: readonly string[] = [];

function bodyOf(field: Filled): rest.PresetBody {
  const agentId = field("agent");
  const directory = field("directory");
  const seconds = Number(field("seconds"));
  const priority = PRIORITIES.find(({ value }) => value === field("priority"))?.value ?? "normal";
  return {
    name: field("name"),
    command: field("command"),
    priority,
    ...(agentId === "" ? {} : { agentId }),
    ...(directory === "" ? {} : { directory }),
    ...(seconds > 0 ? { timeout: Math.round(seconds * 1000) } : {}),
  };
}

/** The agents to choose from: those there are, and the one that is meant if it is none of them. */
function useAgents(meant: string | null | undefined) {
  const ids = useFleet((fleet) => [...fleet.keys()]).data ?? NO_AGENTS;
  const all = meant && !ids.includes(meant) ? [...ids, meant] : ids;
  return [
    { value: "", label: "Any agent; asked when it is run" },
    ...all.toSorted().map((id) => ({ value: id, label: id })),
  ];
}

/** The dialog, open for as long as it is there. Without a preset it makes one. */
export function PresetForm({
  preset,
  onClose,
}: {
  readonly preset?: rest.PresetShape;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const agents = useAgents(preset?.agentId);
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      width="normal"
      title={preset === undefined ? "Add a preset" : `Change ${preset.name}`}
      action={preset === undefined ? "Add preset" : "Save"}
      onSubmit={async (field) => {
        const body = bodyOf(field);
        if (preset === undefined) await rest.call("POST /api/v1/presets", { body });
        else await rest.call("PUT /api/v1/presets/{preset}", { path: { preset: preset.id }, body });
        await cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/presets") });
        tell(preset === undefined ? `${body.name} was added` : `${body.name} was saved`);
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        autoFocus
        autoComplete="off"
        defaultValue={preset?.name}
      />
      <TextArea
        label="Command line"
        name="command"
        required
        spellCheck={false}
        autoCapitalize="off"
        rows={3}
        style={{ fontFamily: "var(--font-mono)" }}
        defaultValue={preset?.command}
        hint="Run as it stands, by /bin/sh; there are no placeholders."
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label="Runs on"
          name="agent"
          defaultValue={preset?.agentId ?? ""}
          options={agents}
        />
        <TextField
          label="Directory"
          name="directory"
          autoComplete="off"
          spellCheck={false}
          placeholder="The agent's own"
          defaultValue={preset?.directory ?? ""}
        />
        <SelectField
          label="Priority"
          name="priority"
          defaultValue={preset?.priority ?? "normal"}
          options={PRIORITIES}
        />
        <TextField
          label="Time limit, in seconds"
          name="seconds"
          type="number"
          min={0}
          step="any"
          placeholder="The server's"
          defaultValue={preset?.timeout == null ? "" : preset.timeout / 1000}
        />
      </div>
    </FormDialog>
  );
}
