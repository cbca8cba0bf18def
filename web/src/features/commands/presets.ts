// Command lines that are kept under a name.

import { useQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";

/** Presets that can be run on an agent, by name. */
export function usePresets(agentId: string): readonly rest.PresetShape[] {
  const { rest } = useServer();
  const { data } = useQuery({
    queryKey: keys.pages("GET /api/v1/presets", { all: true }),
    queryFn: async ({ signal }) => {
      const all: rest.PresetShape[] = [];
      for await (const preset of rest.items("GET /api/v1/presets", "presets", { signal })) {
        all.push(preset);
      }
      return all;
    },
    select: (all) =>
      all
        .filter((preset) => (preset.agentId ?? agentId) === agentId)
        .toSorted((a, b) => a.name.localeCompare(b.name)),
  });
  return data ?? [];
}
