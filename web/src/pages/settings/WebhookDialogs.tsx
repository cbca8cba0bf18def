// The dialogs about webhooks.

import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useFleet } from "@/live/fleet";
import { Button } from "@/ui/Button";
import { CopyBox } from "@/ui/Copy";
import { Confirmation, Dialog } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { FormDialog } from "@/ui/FormDialog";
import { tell } from "@/ui/Toasts";
import { Deliveries } from "./Deliveries";
import type { WebhookDoing } from "./WebhookSettings";
import { useWebhookCalls } from "./webhookCalls";

/** The one that fits what is being done. */
export function WebhookDialogs({
  doing,
  onClose,
}: {
  readonly doing: WebhookDoing;
  readonly onClose: () => void;
}) {
  if (doing === undefined) return null;
  switch (doing.what) {
    case "add":
      return <WebhookForm onClose={onClose} />;
    case "change":
      return <WebhookForm webhook={doing.webhook} onClose={onClose} />;
    case "rotate":
      return <Rotation webhook={doing.webhook} onClose={onClose} />;
    case "remove":
      return <Removal webhook={doing.webhook} onClose={onClose} />;
    case "deliveries":
      return <Deliveries webhook={doing.webhook} onClose={onClose} />;
  }
}

const EVENTS = [
  {
    event: "attention",
    label: "Somebody is needed",
    hint: "A worker asks, a command failed, an agent was lost",
  },
  {
    event: "failed",
    label: "Something failed",
    hint: "Commands, command line agents, agents in trouble",
  },
  { event: "offline", label: "An agent is away", hint: "For longer than a moment" },
  {
    event: "completed",
    label: "Something is done",
    hint: "Commands that ended well, turns that are over",
  },
] as const;

interface Chosen {
  readonly webhook: rest.Webhook;
  readonly onClose: () => void;
}

function WebhookForm({
  webhook,
  onClose,
}: {
  readonly webhook?: rest.Webhook;
  readonly onClose: () => void;
}) {
  const { add, change } = useWebhookCalls();
  const [events, setEvents] = useState<readonly string[]>(
    webhook?.events ?? ["attention", "failed"],
  );
  const [made, setMade] = useState<rest.MadeWebhook>();
  const ids = useFleet((fleet) => [...fleet.keys()].toSorted()).data ?? [];
  if (made !== undefined) {
    return <Secret title={`${made.name} was added`} secret={made.secret} onClose={onClose} />;
  }
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      width="normal"
      title={webhook === undefined ? "Add a webhook" : `Change ${webhook.name}`}
      action={webhook === undefined ? "Add webhook" : "Save"}
      onSubmit={async (field) => {
        if (events.length === 0) throw new Error("choose what it is told");
        const agentId = field("agent") === "" ? null : field("agent");
        const body = { name: field("name"), url: field("url"), events: [...events], agentId };
        if (webhook !== undefined) {
          await change(webhook.id, body);
          tell(`${body.name} was saved`);
          return;
        }
        setMade(await add(body));
        return false;
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        autoFocus
        autoComplete="off"
        defaultValue={webhook?.name}
      />
      <TextField
        label="URL"
        name="url"
        type="url"
        required
        autoComplete="off"
        spellCheck={false}
        placeholder="https://"
        defaultValue={webhook?.url}
        style={{ fontFamily: "var(--font-mono)" }}
      />
      <EventChoice events={events} onChange={setEvents} />
      <SelectField
        label="Of which agents"
        name="agent"
        defaultValue={webhook?.agentId ?? ""}
        options={[
          { value: "", label: "All agents" },
          ...[...new Set([...ids, ...(webhook?.agentId ? [webhook.agentId] : [])])].map((id) => ({
            value: id,
            label: id,
          })),
        ]}
      />
    </FormDialog>
  );
}

function EventChoice({
  events,
  onChange,
}: {
  readonly events: readonly string[];
  readonly onChange: (events: readonly string[]) => void;
}) {
  return (
    <fieldset className="flex flex-col">
      <legend className="pb-1 text-small font-medium text-muted">Is told when</legend>
      <div className="divide-y rounded-md border">
        {EVENTS.map(({ event, label, hint }) => (
          <label key={event} className="flex cursor-pointer items-start gap-2.5 px-3 py-1.5">
            <input
              type="checkbox"
              className="mt-0.5 size-4 accent-accent-strong"
              checked={events.includes(event)}
              onChange={({ target }) =>
                onChange(
                  target.checked ? [...events, event] : events.filter((other) => other !== event),
                )
              }
            />
            <span>
              <span className="font-medium">{label}</span>{" "}
              <span className="block text-small text-muted">{hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Secret({
  title,
  secret,
  until,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  readonly until?: string | undefined;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={title}
      description="This secret signs what it is told. Copy it now: it is shown this once."
      footer={
        <Button kind="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3 pb-2">
        <CopyBox label="Secret" text={secret} isProminent />
        {until !== undefined && (
          <p className="text-muted">
            Until {new Date(until).toLocaleString()} the one before signs as well, so that nothing
            is refused meanwhile.
          </p>
        )}
      </div>
    </Dialog>
  );
}

function Rotation({ webhook, onClose }: Chosen) {
  const { rotate } = useWebhookCalls();
  const [rotated, setRotated] = useState<rest.RotatedSecret>();
  if (rotated !== undefined) {
    const until = rotated.oldSecretUntil ?? undefined;
    const title = `${webhook.name} has another secret`;
    return <Secret {...{ title, until, onClose }} secret={rotated.secret} />;
  }
  return (
    <FormDialog
      isOpen
      onClose={onClose}
      title={`Replace the secret of ${webhook.name}?`}
      action="Replace secret"
      onSubmit={async () => {
        setRotated(await rotate(webhook.id));
        return false;
      }}
    >
      <p className="text-muted">
        For 24 hours, what is sent carries the signatures of both: give the new one to the receiver
        until then.
      </p>
    </FormDialog>
  );
}

function Removal({ webhook, onClose }: Chosen) {
  const { remove } = useWebhookCalls();
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`Remove ${webhook.name}?`}
      action="Remove webhook"
      onConfirm={async () => {
        await remove(webhook.id);
        tell(`${webhook.name} was removed`);
      }}
    >
      <p>It is told nothing more, not even what waits for it. Its secret is lost.</p>
    </Confirmation>
  );
}
