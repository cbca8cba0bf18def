// Ending keys: revoked at once, and later forgotten.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { keys } from "@/api/keys";
import { useServer } from "@/api/server";
import { Confirmation } from "@/ui/Dialog";
import { tell } from "@/ui/Toasts";
import { listed } from "./links";

interface Ending {
  readonly shown: rest.AgentKey;
  readonly onClose: () => void;
}

function useRefresh() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: keys.pages("GET /api/v1/keys") });
}

/** Asks before a key is revoked, and says whose link is cut. */
export function RevokeKey({
  shown,
  linked,
  onClose,
}: Ending & {
  /** The agents that are linked through it now. */
  readonly linked: readonly string[];
}) {
  const { rest } = useServer();
  const refresh = useRefresh();
  const revoke = async () => {
    const path = { key: shown.id };
    const { closed } = await rest.call("POST /api/v1/keys/{key}/revoke", { path });
    await refresh();
    const links = closed === 1 ? "One link was closed." : `${closed} links were closed.`;
    tell(`${shown.name} was revoked`, { description: closed === 0 ? "No link used it." : links });
  };
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`Revoke ${shown.name}?`}
      action="Revoke key"
      onConfirm={revoke}
    >
      {linked.length === 0 ? (
        <p>No agent is linked through it now. It lets nobody in any more.</p>
      ) : (
        <>
          <p>
            <strong className="font-semibold text-ink">{listed(linked)}</strong>{" "}
            {linked.length === 1 ? "is linked through it and is" : "are linked through it and are"}{" "}
            cut off at once.
          </p>
          <p className="mt-2">
            What runs there goes on where nobody can end it from here. Stop the agent first if it
            should not.
          </p>
        </>
      )}
    </Confirmation>
  );
}

/** Asks before a key that counts no longer is taken off the list. */
export function ForgetKey({ shown, onClose }: Ending) {
  const { rest } = useServer();
  const refresh = useRefresh();
  const forget = async () => {
    await rest.call("DELETE /api/v1/keys/{key}", { path: { key: shown.id } });
    await refresh();
    tell(`${shown.name} was forgotten`);
  };
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`Forget ${shown.name}?`}
      action="Forget key"
      onConfirm={forget}
    >
      <p>It counts no longer and goes from this list. The audit keeps what was done with it.</p>
      {shown.agentId && shown.origin === "enrolled" && (
        <p className="mt-2">
          The name {shown.agentId} is then free: another machine may link itself under it.
        </p>
      )}
    </Confirmation>
  );
}
