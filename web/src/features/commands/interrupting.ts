// Ending commands, with what is seen of it at once.

import { create } from "zustand";
import { useServer } from "@/api/server";
import { tellFailure } from "@/ui/Toasts";

/** Commands whose end was asked for here, until the server says that they have ended. */
const useAsked = create<{ readonly ids: ReadonlySet<string> }>()(() => ({ ids: new Set() }));

const change = (id: string, isAsked: boolean) =>
  useAsked.setState(({ ids }) => {
    const next = new Set(ids);
    if (isAsked) next.add(id);
    else next.delete(id);
    return { ids: next };
  });

/** Ends a command, and whether that is under way. */
export function useInterrupt(commandId: string): {
  readonly isAsked: boolean;
  readonly interrupt: () => Promise<void>;
} {
  const { rest } = useServer();
  const isAsked = useAsked(({ ids }) => ids.has(commandId));
  const interrupt = async () => {
    change(commandId, true);
    try {
      const path = { command: commandId };
      await rest.call("POST /api/v1/commands/{command}/interrupt", { path, body: {} });
    } catch (error) {
      tellFailure("The command was not interrupted", error);
    } finally {
      change(commandId, false);
    }
  };
  return { isAsked, interrupt };
}
