// Command lines that are kept under a name.

import type { rest } from "pilothouse-client";
import { useMemo } from "react";
import { usePresets as useAllPresets } from "@/api/lists";

/** Presets that can be run on an agent, by name. */
export function usePresets(agentId: string): readonly rest.PresetShape[] {
  const { data } = useAllPresets();
  return useMemo(
    () =>
      (data ?? [])
        .filter((preset) => (preset.agentId ?? agentId) === agentId)
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    [data, agentId],
  );
}
