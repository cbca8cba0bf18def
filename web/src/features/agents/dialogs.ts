// Which dialog about which agent is open: rows of long lists come and go, what was opened from them stays.

import { create } from "zustand";

/** What is asked. */
export type AgentDialog =
  | { readonly is: "message" | "budget"; readonly agentId: string }
  | { readonly is: "stop" | "restart"; readonly agentIds: readonly string[] };

interface Dialogs {
  readonly now: AgentDialog | undefined;
  open(dialog: AgentDialog): void;
  close(): void;
}

/** The dialog that is open. */
export const useAgentDialogs = create<Dialogs>()((set) => ({
  now: undefined,
  open: (now) => set({ now }),
  close: () => set({ now: undefined }),
}));
