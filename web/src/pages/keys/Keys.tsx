// The list of keys.

import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useFleet } from "@/live/fleet";
import { Age, useClock } from "@/ui/Age";
import { moment, span } from "@/ui/ages";
import { Badge, Status } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ColumnNames } from "@/ui/ColumnNames";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/Emptiness";
import { Rows } from "@/ui/Rows";
import { linkedThrough, ordered } from "./links";
import { ForgetKey, RevokeKey } from "./Revocation";

const GRID =
  "sm:grid sm:grid-cols-[minmax(9rem,1.4fr)_minmax(7rem,1fr)_minmax(6rem,0.8fr)_8rem_8rem_6rem] items-center gap-x-4 px-4";

const fits = (key: rest.AgentKey, text: string) =>
  `${key.name} ${key.agentId ?? ""} ${key.id} ${key.createdBy} ${key.status}`
    .toLowerCase()
    .includes(text.trim().toLowerCase());

/** The keys that the text fits, those that count first. */
export function Keys({
  keys,
  text,
}: {
  readonly keys: readonly rest.AgentKey[];
  readonly text: string;
}) {
  const fleet = useFleet().data ?? new Map();
  const [ending, setEnding] = useState<rest.AgentKey>();
  const found = ordered(keys.filter((key) => fits(key, text)));
  if (found.length === 0) return <Empty title={`No key is called “${text}”`} />;
  const close = () => setEnding(undefined);
  return (
    <>
      <ColumnNames grid={GRID} names={["Name", "For", "Made by", "Last used", "Counts"]} />
      <Rows label="Keys" items={found} keyOf={({ id }) => id} rowHeight={41} className="bg-surface">
        {(key) => (
          <Key
            shown={key}
            parent={keys.find(({ id }) => id === key.parentId)}
            onEnd={() => setEnding(key)}
          />
        )}
      </Rows>
      {ending?.status === "active" && (
        <RevokeKey shown={ending} linked={linkedThrough(ending, keys, fleet)} onClose={close} />
      )}
      {ending !== undefined && ending.status !== "active" && (
        <ForgetKey shown={ending} onClose={close} />
      )}
    </>
  );
}

function Key({
  shown,
  parent,
  onEnd,
}: {
  readonly shown: rest.AgentKey;
  readonly parent: rest.AgentKey | undefined;
  readonly onEnd: () => void;
}) {
  const { name, agentId, origin, lastUsedAt, status, createdBy } = shown;
  const isActive = status === "active";
  return (
    <div
      className={classes(
        GRID,
        "flex min-h-10 flex-wrap border-b max-sm:gap-y-0.5 max-sm:py-2",
        !isActive && "text-faint",
      )}
    >
      <span className="flex min-w-0 items-center gap-2 max-sm:flex-1">
        <span
          className={classes("truncate font-medium", !isActive && "line-through")}
          title={shown.id}
        >
          {name}
        </span>
        {origin === "enrolled" && <Badge>enrolled</Badge>}
      </span>
      <span className="min-w-0 truncate max-sm:order-3 max-sm:w-full">
        <span className="sr-only">For: </span>
        {agentId ? (
          <span className="font-mono text-small">{agentId}</span>
        ) : (
          <span className="text-muted">any new agent</span>
        )}
        {parent !== undefined && (
          <span className="text-small text-faint"> through {parent.name}</span>
        )}
      </span>
      <span className="truncate text-muted max-sm:hidden">
        <span className="sr-only">Made by: </span>
        {createdBy}
      </span>
      <span className="text-muted max-sm:order-4">
        <span className="sr-only">Last used: </span>
        {lastUsedAt ? <Age since={lastUsedAt} suffix=" ago" /> : "never used"}
      </span>
      <span className="max-sm:order-5">
        <Validity shown={shown} />
      </span>
      <span className="justify-self-end max-sm:order-2">
        <Button
          size="small"
          kind="quiet"
          onClick={onEnd}
          aria-label={`${isActive ? "Revoke" : "Forget"} ${name}`}
        >
          {isActive ? "Revoke" : "Forget"}
        </Button>
      </span>
    </div>
  );
}

const SOON_MS = 7 * 24 * 60 * 60 * 1000;

/** Whether it counts, and until when. */
function Validity({ shown: { status, expiresAt } }: { readonly shown: rest.AgentKey }) {
  const left = useClock((now) => {
    if (!expiresAt) return "";
    const ms = moment(expiresAt) - now;
    return ms <= 0 ? "expired" : `${ms < SOON_MS ? "!" : ""}${span(ms)}`;
  });
  if (status !== "active") return <Status tone="neutral">{status}</Status>;
  if (left === "expired") return <Status tone="neutral">expired</Status>;
  if (left === "") return <Status tone="ok">until revoked</Status>;
  const isSoon = left.startsWith("!");
  return (
    <Status tone={isSoon ? "warn" : "ok"}>
      {isSoon ? "only " : ""}
      {left.replace("!", "")} more
    </Status>
  );
}
