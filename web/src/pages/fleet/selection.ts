// Which agents are chosen for something that is done to several.

import { create } from "zustand";

interface Selection {
  readonly ids: ReadonlySet<string>;
  set(agentId: string, isSelected: boolean): void;
  only(agentIds: readonly string[]): void;
}

/** The choice; kept while people look at an agent and come back. */
export const useSelection = create<Selection>()((set) => ({
  ids: new Set(),
  set: (agentId, isSelected) =>
    set(({ ids }) => {
      const next = new Set(ids);
      if (isSelected) next.add(agentId);
      else next.delete(agentId);
      return { ids: next };
    }),
  only: (agentIds) => set({ ids: new Set(agentIds) }),
}));
