// What can be done with a webhook.

import { Ellipsis, Pause, Pencil, Play, RotateCcwKey, Send, Trash2 } from "lucide-react";
import type { rest } from "pilothouse-client";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import { tell, tellFailure } from "@/ui/Toasts";
import { useWebhookCalls } from "./webhookCalls";

/** What takes a dialog. */
export type WebhookAct = "change" | "rotate" | "deliveries" | "remove";

const picture = "size-4 text-muted";

/** The menu at the end of its row. */
export function WebhookMenu({
  webhook,
  onDo,
}: {
  readonly webhook: rest.Webhook;
  readonly onDo: (what: WebhookAct) => void;
}) {
  const { test, change } = useWebhookCalls();
  const { id, name, isActive } = webhook;
  const at = async (act: () => Promise<unknown>, done: string, failed: string) => {
    try {
      await act();
      tell(done);
    } catch (error) {
      tellFailure(failed, error);
    }
  };
  return (
    <Menu
      trigger={
        <IconButton label={`Do something with ${name}`} size="small">
          <Ellipsis aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <MenuItem
        icon={<Send aria-hidden className={picture} />}
        onSelect={() => at(() => test(id), `A test is on its way to ${name}`, "No test was sent")}
      >
        Send a test
      </MenuItem>
      <MenuItem icon={<Pencil aria-hidden className={picture} />} onSelect={() => onDo("change")}>
        Change
      </MenuItem>
      <MenuItem
        icon={<RotateCcwKey aria-hidden className={picture} />}
        onSelect={() => onDo("rotate")}
      >
        Replace the secret
      </MenuItem>
      <MenuItem
        icon={
          isActive ? (
            <Pause aria-hidden className={picture} />
          ) : (
            <Play aria-hidden className={picture} />
          )
        }
        onSelect={() =>
          at(
            () => change(id, { isActive: !isActive }),
            isActive ? `${name} is paused` : `${name} is told again`,
            "That was not changed",
          )
        }
      >
        {isActive ? "Pause" : "Go on"}
      </MenuItem>
      <MenuSeparator />
      <MenuItem
        isDanger
        icon={<Trash2 aria-hidden className="size-4" />}
        onSelect={() => onDo("remove")}
      >
        Remove
      </MenuItem>
    </Menu>
  );
}
