// Lists that are short enough to be had whole: people, keys, presets, webhooks.

import { useQuery } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "./keys";
import { useServer } from "./server";

/** More than anybody looks through; the search of a page finds among these. */
const MOST = 5000;
const PAGE = 500;
/** What others change, and when keys are used, is seen this much later. */
const LOOK_MS = 30_000;

/** What it yields, up to a bound. */
async function gathered<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length >= MOST) break;
  }
  return all;
}

/** Everybody who has an account. */
export function usePeople(isAllowed = true) {
  const { rest } = useServer();
  return useQuery({
    refetchInterval: LOOK_MS,
    queryKey: keys.pages("GET /api/v1/users"),
    enabled: isAllowed,
    queryFn: ({ signal }): Promise<readonly rest.User[]> =>
      gathered(rest.items("GET /api/v1/users", "users", { query: { limit: PAGE }, signal })),
  });
}

/** Keys of agents: for operators those that they made, for administrators all. */
export function useKeys(isAllowed = true) {
  const { rest } = useServer();
  return useQuery({
    refetchInterval: LOOK_MS,
    queryKey: keys.pages("GET /api/v1/keys"),
    enabled: isAllowed,
    queryFn: ({ signal }): Promise<readonly rest.AgentKey[]> =>
      gathered(rest.items("GET /api/v1/keys", "keys", { query: { limit: PAGE }, signal })),
  });
}

/** Every preset. */
export function usePresets() {
  const { rest } = useServer();
  return useQuery({
    refetchInterval: LOOK_MS,
    queryKey: keys.pages("GET /api/v1/presets"),
    queryFn: ({ signal }): Promise<readonly rest.PresetShape[]> =>
      gathered(rest.items("GET /api/v1/presets", "presets", { query: { limit: PAGE }, signal })),
  });
}

/** Every webhook. */
export function useWebhooks(isAllowed = true) {
  const { rest } = useServer();
  return useQuery({
    refetchInterval: LOOK_MS,
    queryKey: keys.pages("GET /api/v1/webhooks"),
    enabled: isAllowed,
    queryFn: ({ signal }): Promise<readonly rest.Webhook[]> =>
      gathered(rest.items("GET /api/v1/webhooks", "webhooks", { query: { limit: PAGE }, signal })),
  });
}

/** Where somebody is signed in; `me` is oneself. */
export function useSignIns(user: string) {
  const { rest } = useServer();
  return useQuery({
    refetchInterval: LOOK_MS,
    queryKey: ["sign-ins", user],
    queryFn: async ({ signal }): Promise<readonly rest.SignIn[]> => {
      const path = { user };
      return (await rest.call("GET /api/v1/users/{user}/sign-ins", { path, signal })).signIns;
    },
  });
}
