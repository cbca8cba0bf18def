// What can be done with sessions and workers. What comes of it is told by the sessions door, as to everybody else.

import { useMutation } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useServer } from "@/api/server";

/** A worker, by the ids that routes take. */
export interface WorkerPlace {
  readonly session: string;
  readonly worker: string;
}

/** Ends a session's workers and forgets it; its directory stays. */
export function useEndSession() {
  const { rest } = useServer();
  return useMutation({
    mutationFn: (session: string) =>
      rest.call("DELETE /api/v1/sessions/{session}", { path: { session } }),
  });
}

/** Changes what a session is called, or how the branch in its worktree is called. */
export function useChangeSession() {
  const { rest } = useServer();
  return useMutation({
    mutationFn: ({ session, ...body }: rest.ChangeBody & { readonly session: string }) =>
      rest.call("PATCH /api/v1/sessions/{session}", { path: { session }, body }),
  });
}

/** Adds a worker to a session and starts it. */
export function useAddWorker() {
  const { rest } = useServer();
  return useMutation({
    mutationFn: ({ session, ...body }: rest.WorkerBody & { readonly session: string }) =>
      rest.call("POST /api/v1/sessions/{session}/workers", { path: { session }, body }),
  });
}

/** Ends a worker and takes it out of its session. */
export function useRemoveWorker() {
  const { rest } = useServer();
  return useMutation({
    mutationFn: (path: WorkerPlace) =>
      rest.call("DELETE /api/v1/sessions/{session}/workers/{worker}", { path: { ...path } }),
  });
}

/** Ends a worker's process and begins another one. */
export function useRestartWorker() {
  const { rest } = useServer();
  return useMutation({
    mutationFn: ({ continues, ...path }: WorkerPlace & { readonly continues?: boolean }) =>
      rest.call("POST /api/v1/sessions/{session}/workers/{worker}/restart", {
        path: { ...path },
        body: continues === undefined ? {} : { continueConversation: continues },
      }),
  });
}
