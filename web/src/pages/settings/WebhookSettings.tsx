// Webhooks: addresses that are told when something happens that people should know.

import { Webhook as Picture, Plus } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useWebhooks } from "@/api/lists";
import { Age } from "@/ui/Age";
import { Badge, Status } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { Section } from "@/ui/Section";
import { WebhookDialogs } from "./WebhookDialogs";
import { type WebhookAct, WebhookMenu } from "./WebhookMenu";

/** What is being done. */
export type WebhookDoing =
  | { readonly what: "add" }
  | { readonly what: WebhookAct; readonly webhook: rest.Webhook }
  | undefined;

/** See the top of the file. */
export function WebhookSettings() {
  const webhooks = useWebhooks();
  const [doing, setDoing] = useState<WebhookDoing>();
  const add = () => setDoing({ what: "add" });
  const list = webhooks.data ?? [];
  return (
    <Section
      title="Webhooks"
      description="Addresses of yours that are told when somebody is needed, or something failed: a chat, a pager, a script."
      actions={
        list.length > 0 && (
          <Button kind="primary" icon={<Plus aria-hidden className="size-4" />} onClick={add}>
            Add webhook
          </Button>
        )
      }
    >
      {webhooks.isPending && <Skeleton rows={3} />}
      {webhooks.data === undefined && webhooks.error !== null && (
        <Failure error={webhooks.error} onRetry={() => webhooks.refetch()} />
      )}
      {webhooks.data?.length === 0 && (
        <Empty
          icon={<Picture aria-hidden />}
          title="No webhooks yet"
          action={
            <Button kind="primary" onClick={add}>
              Add the first webhook
            </Button>
          }
        >
          What is told follows Standard Webhooks, signed, and tried again until it arrives.
        </Empty>
      )}
      {list.length > 0 && (
        <ul aria-label="Webhooks" className="divide-y rounded-md border bg-surface">
          {list.map((webhook) => (
            <Row key={webhook.id} webhook={webhook} onDo={(what) => setDoing({ what, webhook })} />
          ))}
        </ul>
      )}
      <WebhookDialogs doing={doing} onClose={() => setDoing(undefined)} />
    </Section>
  );
}

function Row({
  webhook,
  onDo,
}: {
  readonly webhook: rest.Webhook;
  readonly onDo: (what: WebhookAct) => void;
}) {
  const { name, url, events, agentId } = webhook;
  return (
    <li className="flex items-start gap-3 px-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="truncate font-medium">{name}</span>
          {events.map((event) => (
            <Badge key={event}>{event}</Badge>
          ))}
        </p>
        <p className="truncate font-mono text-small text-muted" title={url}>
          {url}
        </p>
        <p className="flex flex-wrap gap-x-3 text-small text-muted">
          <State webhook={webhook} />
          {agentId && (
            <span>
              only <span className="font-mono">{agentId}</span>
            </span>
          )}
        </p>
      </div>
      <Button size="small" onClick={() => onDo("deliveries")} aria-label={`Deliveries of ${name}`}>
        Deliveries
      </Button>
      <WebhookMenu webhook={webhook} onDo={onDo} />
    </li>
  );
}

function State({
  webhook: { isActive, turnedOff, failingSince },
}: {
  readonly webhook: rest.Webhook;
}) {
  if (!isActive) {
    return <Status tone="neutral">{turnedOff ? `turned off: ${turnedOff}` : "paused"}</Status>;
  }
  if (!failingSince) return <Status tone="ok">active</Status>;
  return (
    <Status tone="bad">
      nothing has arrived for <Age since={failingSince} />
    </Status>
  );
}
