// Running a preset: on its own agent, or on one that is chosen.

import { useNavigate } from "@tanstack/react-router";
import type { rest } from "pilothouse-client";
import { useServer } from "@/api/server";
import { type Fleet, useFleet } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { SelectField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { tellFailure } from "@/ui/Toasts";

function useStart() {
  const { rest } = useServer();
  const navigate = useNavigate();
  return async (preset: rest.PresetShape, agentId: string) => {
    await rest.call("POST /api/v1/commands", { body: { preset: preset.id, agentId } });
    await navigate({ to: "/agents/$agentId", params: { agentId } });
  };
}

/** Runs a preset on an agent, and goes there. What went wrong is told in a note. */
export function useRunPreset() {
  const start = useStart();
  return async (preset: rest.PresetShape, agentId: string) => {
    try {
      await start(preset, agentId);
    } catch (error) {
      tellFailure(`${preset.name} was not run`, error);
    }
  };
}

const present = (fleet: Fleet) =>
  [...fleet.values()]
    .filter(({ agent }) => agent.status !== "offline" && agent.capabilities.includes("commands"))
    .map(({ agent }) => ({ value: agent.agentId, label: agent.name }))
    .toSorted((a, b) => a.label.localeCompare(b.label));

/** Asks on which agent, for as long as it is there. */
export function RunPreset({
  preset,
  onClose,
}: {
  readonly preset: rest.PresetShape;
  readonly onClose: () => void;
}) {
  const start = useStart();
  const agents = useFleet(present).data ?? [];
  if (agents.length === 0) {
    return (
      <Dialog
        isOpen
        onClose={onClose}
        width="narrow"
        title={`Run ${preset.name}`}
        footer={<Button onClick={onClose}>Close</Button>}
      >
        <p className="pb-2 text-muted">
          No agent is here that could run it. Start one, or wait until one is back.
        </p>
      </Dialog>
    );
  }
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={`Run ${preset.name}`}
      action="Run"
      onSubmit={(field) => start(preset, field("agent"))}
    >
      <code className="max-h-40 overflow-auto rounded-md border bg-sunken px-2.5 py-1.5 font-mono text-small wrap-anywhere whitespace-pre-wrap">
        {preset.command}
      </code>
      <SelectField label="On" name="agent" autoFocus options={agents} />
    </FormDialog>
  );
}
