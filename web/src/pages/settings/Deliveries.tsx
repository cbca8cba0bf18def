// What a webhook was told, and what came of it.

import type { rest } from "pilothouse-client";
import { Age, useClock } from "@/ui/Age";
import { moment, span } from "@/ui/ages";
import { Status } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { tell, tellFailure } from "@/ui/Toasts";
import { useDeliveries, useWebhookCalls } from "./webhookCalls";

/** The dialog, open for as long as it is there. */
export function Deliveries({
  webhook,
  onClose,
}: {
  readonly webhook: rest.Webhook;
  readonly onClose: () => void;
}) {
  const deliveries = useDeliveries(webhook.id);
  const { test } = useWebhookCalls();
  const sendTest = async () => {
    try {
      await test(webhook.id);
    } catch (error) {
      tellFailure("No test was sent", error);
    }
  };
  const list = deliveries.data;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="wide"
      title={`Deliveries of ${webhook.name}`}
      description="What waits, and the last hundred that have ended, the newest first."
      footer={
        <>
          <Button onClick={sendTest}>Send a test</Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      {deliveries.isPending && <Skeleton rows={3} />}
      {list === undefined && deliveries.error !== null && (
        <Failure error={deliveries.error} onRetry={() => deliveries.refetch()} />
      )}
      {list?.length === 0 && <Empty title="Nothing was sent yet">A test shows if it works.</Empty>}
      {list !== undefined && list.length > 0 && (
        <ul aria-label="Deliveries" className="divide-y">
          {list.map((delivery) => (
            <Delivery key={delivery.id} webhook={webhook.id} delivery={delivery} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

const TONES: Readonly<Record<string, "ok" | "bad" | "warn">> = { delivered: "ok", failed: "bad" };

function Delivery({
  webhook,
  delivery,
}: {
  readonly webhook: string;
  readonly delivery: rest.WebhookDelivery;
}) {
  const { redeliver } = useWebhookCalls();
  const { id, type, text, at, state, attempts, lastStatus, lastError, nextAt, agentId } = delivery;
  const again = async () => {
    try {
      await redeliver(webhook, id);
      tell("It is sent once more");
    } catch (error) {
      tellFailure("It was not sent again", error);
    }
  };
  const next = useClock((now) => (nextAt ? span(moment(nextAt) - now) : ""));
  return (
    <li className="flex items-start gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-mono text-small">{type}</span>
          {agentId && <span className="font-mono text-small text-muted">{agentId}</span>}
          <Age since={at} suffix=" ago" className="tabular text-small text-faint" />
        </p>
        <p className="wrap-anywhere">{text}</p>
        {state !== "delivered" && lastError && (
          <p className="text-small wrap-anywhere text-bad">{lastError}</p>
        )}
      </div>
      <div className="flex w-40 shrink-0 flex-col text-small text-muted max-sm:w-28">
        <Status tone={TONES[state] ?? "warn"}>
          {state}
          {lastStatus != null && <span className="tabular">, {lastStatus}</span>}
        </Status>
        <span>
          {attempts} {attempts === 1 ? "attempt" : "attempts"}
          {next !== "" && `, next in ${next}`}
        </span>
      </div>
      {state !== "pending" && (
        <Button size="small" onClick={again}>
          Send again
        </Button>
      )}
    </li>
  );
}
