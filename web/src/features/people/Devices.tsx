// Where somebody is signed in, and how that is ended.

import { useQueryClient } from "@tanstack/react-query";
import type { rest } from "pilothouse-client";
import { useState } from "react";
import { useSignIns } from "@/api/lists";
import { useServer } from "@/api/server";
import { Age } from "@/ui/Age";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Confirmation } from "@/ui/Dialog";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { tell } from "@/ui/Toasts";
import { programName } from "./programs";

type Ending = { readonly one: rest.SignIn } | "all" | undefined;

function Device({ signIn, onEnd }: { readonly signIn: rest.SignIn; readonly onEnd: () => void }) {
  const { isCurrent, program, address, begunAt, expiresAt } = signIn;
  const name = programName(program);
  return (
    <li className="flex min-h-11 items-center gap-3 px-3 py-1.5">
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2">
          <span className="truncate font-medium" title={program}>
            {name}
          </span>
          {isCurrent && <Badge tone="accent">This one</Badge>}
        </p>
        <p className="truncate text-small text-muted">
          {address !== "" && <span className="font-mono">{address} · </span>}
          since <Age since={begunAt} suffix=" ago" /> · ends{" "}
          {new Date(expiresAt).toLocaleDateString()} if it is not used
        </p>
      </div>
      <Button size="small" onClick={onEnd} aria-label={`Sign out ${name}, ${address}`}>
        Sign out
      </Button>
    </li>
  );
}

/** This one first, then the newest. */
const ordered = (list: readonly rest.SignIn[]) =>
  list.toSorted(
    (a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.begunAt.localeCompare(a.begunAt),
  );

/** The list. `user` is `me`, or somebody's username; `whose` says it in words: "your", "Ben's". */
export function Devices({ user, whose }: { readonly user: string; readonly whose: string }) {
  const { rest, signOut } = useServer();
  const cache = useQueryClient();
  const signIns = useSignIns(user);
  const [ending, setEnding] = useState<Ending>();
  const end = async () => {
    if (ending === undefined) return;
    if (ending === "all") {
      await rest.call("DELETE /api/v1/users/{user}/sign-ins", { path: { user } });
      if (user === "me") return signOut();
      tell("Signed out everywhere");
    } else if (ending.one.isCurrent) {
      return signOut();
    } else {
      const path = { user, signIn: ending.one.id };
      await rest.call("DELETE /api/v1/users/{user}/sign-ins/{signIn}", { path });
      tell("Signed out there");
    }
    await cache.invalidateQueries({ queryKey: ["sign-ins", user] });
  };
  const { data: list, error, isPending } = signIns;
  if (isPending) return <Skeleton rows={2} />;
  if (list === undefined) return <Failure error={error} onRetry={() => signIns.refetch()} />;
  if (list.length === 0) return <Empty title="Not signed in anywhere" />;
  return (
    <div className="flex flex-col gap-3">
      <ul aria-label="Devices" className="divide-y rounded-md border bg-surface">
        {ordered(list).map((signIn) => (
          <Device key={signIn.id} signIn={signIn} onEnd={() => setEnding({ one: signIn })} />
        ))}
      </ul>
      <Button className="self-start" onClick={() => setEnding("all")}>
        Sign out everywhere
      </Button>
      <Confirmation
        isOpen={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title={ending === "all" ? "Sign out everywhere?" : "Sign out there?"}
        action="Sign out"
        onConfirm={end}
      >
        <Consequence ending={ending} user={user} whose={whose} />
      </Confirmation>
    </div>
  );
}

function Consequence({
  ending,
  user,
  whose,
}: {
  readonly ending: Ending;
  readonly user: string;
  readonly whose: string;
}) {
  if (ending === "all" && user === "me") {
    return <p>All {whose} pages and programs lose their connection at once, this page too.</p>;
  }
  if (ending === "all") return <p>All {whose} pages and programs lose their connection at once.</p>;
  if (ending?.one.isCurrent) return <p>That is this page: you are signed out here.</p>;
  return (
    <p>
      {ending === undefined ? "" : programName(ending.one.program)} loses its connection at once.
      What runs on agents goes on.
    </p>
  );
}
