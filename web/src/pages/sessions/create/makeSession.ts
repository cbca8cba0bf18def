// Makes the session of a draft, with its worktree and its first worker.

import { useMutation } from "@tanstack/react-query";
import type { RestClient, rest } from "pilothouse-client";
import { useOutdated } from "@/api/repositories";
import { useServer } from "@/api/server";
import { workerBody } from "@/features/sessions/WorkerFields";
import { tellFailure } from "@/ui/Toasts";
import { isWorkerApart, type SessionDraft, wanted } from "./draft";

/** What is asked for: a draft, and the worktrees that were known when it was sent. */
export interface Order {
  readonly draft: SessionDraft;
  readonly worktrees: readonly rest.WorktreeShape[];
}

/** Makes it. `onMade` is told even if whoever asked has gone elsewhere. */
export function useMakeSession(onMade: (session: rest.Session) => void) {
  const { rest } = useServer();
  const outdated = useOutdated();
  return useMutation({
    mutationFn: async (order: Order) => {
      const session = await make(rest, order);
      const worker = isWorkerApart(order.draft) ? workerBody(order.draft.worker) : undefined;
      if (worker !== undefined) {
        const path = { session: session.id };
        // The session is there; that its worker is not is told, and can be mended in it.
        await rest
          .call("POST /api/v1/sessions/{session}/workers", { path, body: worker })
          .catch((error: unknown) => tellFailure("The first worker did not begin", error));
      }
      return session;
    },
    onSuccess: (session, { draft }) => {
      if (draft.place === "worktree") {
        void outdated.worktrees(draft.repositoryId);
        void outdated.branches(draft.repositoryId);
      }
      onMade(session);
    },
  });
}

async function make(client: RestClient, order: Order): Promise<rest.Session> {
  const asked = wanted(order.draft, order.worktrees);
  if (asked.kind === "session") {
    return client.call("POST /api/v1/sessions", { body: asked.body });
  }
  const { repository, body } = asked;
  const made = await client.call("POST /api/repositories/{repository}/worktrees", {
    path: { repository },
    body,
  });
  if (made.session) return made.session;
  throw new Error(`The worktree is at ${made.worktree.path}, but no session was made in it.`);
}
