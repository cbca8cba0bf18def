// Repositories, their branches and worktrees, agent types, and homes: what a session can be begun with.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "./keys";
import { useServer } from "./server";

/** All repositories that are registered, on all agents. */
export function useRepositories(isWanted = true) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.repositories,
    queryFn: async ({ signal }): Promise<readonly rest.Repository[]> =>
      (await rest.call("GET /api/repositories", { signal })).repositories,
    enabled: isWanted,
  });
}

/** The branches of a repository, as its agent finds them now. */
export function useBranches(repository: string | undefined) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.branches(repository ?? ""),
    queryFn: ({ signal }) =>
      rest.call("GET /api/repositories/{repository}/branches", {
        path: { repository: repository ?? "" },
        signal,
      }),
    enabled: repository !== undefined,
  });
}

/** The worktrees of a repository, the repository itself first. */
export function useWorktrees(repository: string | undefined) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.worktrees(repository ?? ""),
    queryFn: async ({ signal }): Promise<readonly rest.WorktreeShape[]> => {
      const path = { repository: repository ?? "" };
      return (await rest.call("GET /api/repositories/{repository}/worktrees", { path, signal }))
        .worktrees;
    },
    enabled: repository !== undefined,
  });
}

/** The kinds of command line agents there are: those that come with the program first. */
export function useAgentTypes() {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.agentTypes,
    queryFn: async ({ signal }): Promise<readonly rest.AgentKindShape[]> =>
      (await rest.call("GET /api/agent-types", { signal })).agentTypes,
  });
}

/** The home of an agent's user; empty if nobody knows. */
export function useHome(agentId: string | undefined) {
  const { rest } = useServer();
  return useQuery({
    queryKey: keys.home(agentId ?? ""),
    queryFn: async ({ signal }) => {
      const query = agentId === undefined ? {} : { agentId };
      return (await rest.call("GET /api/config", { query, signal })).homeDir;
    },
    enabled: agentId !== undefined,
    staleTime: 5 * 60_000,
  });
}

/** Has lists asked for anew after something of them was changed here. */
export function useOutdated() {
  const cache = useQueryClient();
  return {
    repositories: () => cache.invalidateQueries({ queryKey: keys.repositories }),
    branches: (repository: string) =>
      cache.invalidateQueries({ queryKey: keys.branches(repository) }),
    worktrees: (repository: string) =>
      cache.invalidateQueries({ queryKey: keys.worktrees(repository) }),
    agentTypes: () => cache.invalidateQueries({ queryKey: keys.agentTypes }),
  };
}
