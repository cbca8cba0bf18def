// Looks whether the folders, repositories and branches of all sessions are still there, and says which are not.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderCheck } from "lucide-react";
import type { rest } from "pilothouse-client";
import { useServer } from "@/api/server";
import { useEndSession } from "@/features/sessions/acts";
import { sessionName } from "@/features/sessions/standing";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { tellFailure } from "@/ui/Toasts";

const KEY = ["sessions", "check"];

/** The dialog. */
export function CheckFolders({ onClose }: { readonly onClose: () => void }) {
  const { rest } = useServer();
  const check = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => rest.call("GET /api/sessions/validate", { signal }),
    staleTime: 0,
  });
  const wrong = check.data?.results.filter(({ valid }) => !valid) ?? [];
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Check folders"
      description="Whether the folders, repositories and branches of sessions are still on their machines."
      footer={
        <>
          <Button onClick={() => void check.refetch()} isBusy={check.isFetching}>
            Check again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {check.isPending && <Skeleton rows={3} />}
      {check.isError && <Failure error={check.error} onRetry={() => void check.refetch()} />}
      {check.isSuccess && wrong.length === 0 && (
        <Empty icon={<FolderCheck aria-hidden />} title="All are there" />
      )}
      <ul aria-label="Sessions with something missing" className="flex flex-col pb-2">
        {wrong.map((result) => (
          <Wrong key={result.sessionId} result={result} />
        ))}
      </ul>
    </Dialog>
  );
}

function Wrong({ result }: { readonly result: rest.SessionValidation }) {
  const cache = useQueryClient();
  const end = useEndSession();
  const name = sessionName(result.session);
  const remove = () =>
    end.mutate(result.sessionId, {
      onSuccess: () => void cache.invalidateQueries({ queryKey: KEY }),
      onError: (error) => tellFailure(`${name} was not ended`, error),
    });
  return (
    <li className="flex items-start gap-3 border-b py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{name}</p>
        <p className="truncate font-mono text-small text-muted">{result.session.locationPath}</p>
        {result.issues.map(({ type, message }) => (
          <p key={type} className="text-bad">
            {message}
          </p>
        ))}
      </div>
      <Button size="small" onClick={remove} isBusy={end.isPending}>
        End it<span className="sr-only"> {name}</span>
      </Button>
    </li>
  );
}
