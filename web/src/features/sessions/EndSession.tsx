// Asks before a session is ended: says what runs in it and what stays.

import type { sessionsAndWorkers } from "pilothouse-client";
import { useState } from "react";
import { useServer } from "@/api/server";
import { Confirmation } from "@/ui/Dialog";
import { useEndSession } from "./acts";
import { runningIn, sessionName } from "./standing";

/** What happens to a worktree when its session ends. */
type Fate = "stays" | "goes" | "goes with changes";

/** The confirmation, for as long as a session is given. */
export function EndSession({
  session,
  onClose,
  onEnded,
}: {
  readonly session: sessionsAndWorkers.Session | undefined;
  readonly onClose: () => void;
  readonly onEnded?: () => void;
}) {
  if (session === undefined) return null;
  return <Asking key={session.id} {...{ session, onClose }} {...(onEnded && { onEnded })} />;
}

function Asking({
  session,
  onClose,
  onEnded,
}: {
  readonly session: sessionsAndWorkers.Session;
  readonly onClose: () => void;
  readonly onEnded?: () => void;
}) {
  const { rest } = useServer();
  const end = useEndSession();
  const [fate, setFate] = useState<Fate>("stays");
  const running = runningIn(session);
  const confirm = async () => {
    if (session.type === "worktree" && fate !== "stays") {
      await rest.call("DELETE /api/repositories/{repository}/worktrees/{path}", {
        path: { repository: session.repositoryId, path: session.locationPath },
        query: fate === "goes with changes" ? { force: "true" } : {},
      });
    } else {
      await end.mutateAsync(session.id);
    }
    onEnded?.();
  };
  return (
    <Confirmation
      isOpen
      onClose={onClose}
      title={`End ${sessionName(session)}?`}
      action={fate === "stays" ? "End session" : "End and delete worktree"}
      onConfirm={confirm}
    >
      {running.length === 0 ? (
        <p>Nothing runs in it. What its terminals showed can no longer be opened here.</p>
      ) : (
        <>
          <p>
            {running.length === 1 ? "This ends with it:" : `These ${running.length} end with it:`}
          </p>
          <ul className="my-1 list-disc pl-5 text-ink">
            {running.slice(0, 8).map(({ id, name }) => (
              <li key={id}>{name}</li>
            ))}
            {running.length > 8 && <li>{running.length - 8} more</li>}
          </ul>
        </>
      )}
      {session.type === "worktree" ? (
        <Fates {...{ fate, setFate }} path={session.locationPath} branch={session.worktreeId} />
      ) : (
        <p className="mt-2">
          The folder <span className="font-mono text-small break-all">{session.locationPath}</span>{" "}
          stays as it is.
        </p>
      )}
    </Confirmation>
  );
}

const FATES: readonly { readonly fate: Fate; readonly words: string; readonly hint: string }[] = [
  { fate: "stays", words: "Keep the worktree", hint: "Its folder stays as it is." },
  {
    fate: "goes",
    words: "Delete the worktree",
    hint: "Its folder goes, unless there are changes that are not committed. The branch stays.",
  },
  {
    fate: "goes with changes",
    words: "Delete the worktree, even with changes",
    hint: "What is not committed is lost. The branch stays.",
  },
];

function Fates({
  fate,
  setFate,
  path,
  branch,
}: {
  readonly fate: Fate;
  readonly setFate: (fate: Fate) => void;
  readonly path: string;
  readonly branch: string;
}) {
  return (
    <fieldset className="mt-2">
      <legend className="mb-1">
        The worktree of <span className="font-mono text-small">{branch}</span> at{" "}
        <span className="font-mono text-small break-all">{path}</span>
      </legend>
      {FATES.map(({ fate: one, words, hint }) => (
        <label key={one} className="flex items-start gap-2 py-1">
          <input
            type="radio"
            name="fate"
            checked={fate === one}
            onChange={() => setFate(one)}
            className="mt-1 accent-accent"
          />
          <span>
            <span className="block font-medium text-ink">{words}</span>
            <span className="block text-small">{hint}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
