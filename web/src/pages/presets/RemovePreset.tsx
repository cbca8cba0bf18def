// Asks before a preset is forgotten.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Confirmation } from "@/ui/Dialog";
import { tell } from "@/ui/Toasts";

/** The dialog, open for as long as it is there. */
export function RemovePreset({
  preset,
  onClose,
}: {
  readonly preset: rest.PresetShape;
  readonly onClose: () => void;
}) {
  const { rest } = useServer();
  const cache = useQueryClient();
  const remove = async () => {
    await rest.call("DELETE /api/v1/presets/{preset}", { path: { preset: preset.id } });
    await cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/presets") });
    tell(`${preset.name} was removed`);
  };
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`Remove ${preset.name}?`}
      action="Remove preset"
      onConfirm={remove}
    >
      <p>Nobody can run it any more. What was run with it stays in the history.</p>
    </Confirmation>
  );
}
