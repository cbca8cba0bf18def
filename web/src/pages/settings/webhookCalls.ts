// What is asked of the server about webhooks, each followed by a look at what became of it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";

/** How often deliveries that are on their way are looked at. */
const LOOK_MS = 2000;

const deliveriesKey = (webhook: string) => ["webhook deliveries", webhook] as const;

/** All of them. */
export function useWebhookCalls() {
  const { rest } = useServer();
  const cache = useQueryClient();
  const list = () => cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/webhooks") });
  const sent = (webhook: string) => cache.invalidateQueries({ queryKey: deliveriesKey(webhook) });
  return {
    add: async (body: rest.WebhookDraft) => {
      const made = await rest.call("POST /api/v1/webhooks", { body });
      await list();
      return made;
    },
    change: async (webhook: string, body: rest.WebhookChange) => {
      await rest.call("PATCH /api/v1/webhooks/{webhook}", { path: { webhook }, body });
      await list();
    },
    remove: async (webhook: string) => {
      await rest.call("DELETE /api/v1/webhooks/{webhook}", { path: { webhook } });
      await list();
    },
    rotate: async (webhook: string) => {
      const rotated = await rest.call("POST /api/v1/webhooks/{webhook}/rotate", {
        path: { webhook },
      });
      await list();
      return rotated;
    },
    test: async (webhook: string) => {
      await rest.call("POST /api/v1/webhooks/{webhook}/test", { path: { webhook } });
      await sent(webhook);
    },
    redeliver: async (webhook: string, delivery: string) => {
      const path = { webhook, delivery };
      const route = "POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver";
      await rest.call(route, { path });
      await sent(webhook);
    },
  };
}

/** What a webhook is to be told and was told last, the newest first. */
export function useDeliveries(webhook: string) {
  const { rest } = useServer();
  return useQuery({
    queryKey: deliveriesKey(webhook),
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }): Promise<readonly rest.WebhookDelivery[]> => {
      const call = { path: { webhook }, query: { limit: 100 }, signal };
      return (await rest.call("GET /api/v1/webhooks/{webhook}/deliveries", call)).deliveries;
    },
  });
}
