// The page "Sessions": every session, those that wait for somebody first, and the way to a new one.

import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Bot, Ellipsis, FolderCheck, FolderGit2, LayoutGrid, Plus } from "lucide-react";
import type { rest, sessionsAndWorkers } from "pilothouse-client";
import { useCallback, useMemo } from "react";
import { useMay } from "@/api/server";
import { usePaletteEntries } from "@/app/palette/open";
import { AgentTypes } from "@/features/sessions/AgentTypes";
import { sessionName } from "@/features/sessions/standing";
import { useAttention } from "@/live/attention";
import { useAgentNames } from "@/live/machines";
import { type Sessions, useActivities, useSessions } from "@/live/sessions";
import { Button, IconButton } from "@/ui/Button";
import { Failure, Skeleton } from "@/ui/Emptiness";
import { Menu, MenuItem } from "@/ui/Menu";
import { useIsNarrow } from "@/ui/media";
import { PageHeader } from "@/ui/PageHeader";
import { tell } from "@/ui/Toasts";
import { CheckFolders } from "./CheckFolders";
import { CreateSession } from "./create/CreateSession";
import { Filters } from "./Filters";
import { List, NoSessions, NothingFits } from "./List";
import { counted, listed, type Sources } from "./ordering";
import { Repositories } from "./Repositories";
import { type SessionsSearch, sessionsSearch } from "./search";

/** The page. */
export function Page() {
  const search = useSearch({ from: "/sessions" });
  const may = useMay();
  const sessions = useSessions();
  const change = useChangeSearch();
  const sources = useSources(sessions.data);
  const { standing, ...others } = search;
  const key = JSON.stringify(others);
  const all = useMemo(
    () => (sources === undefined ? undefined : listed(sources, sessionsSearch(JSON.parse(key)))),
    [sources, key],
  );
  const shown = useMemo(
    () => (standing === undefined ? all : all?.filter((one) => one.standing === standing)),
    [all, standing],
  );
  const begin = useCallback(() => change({ new: 1 }), [change]);
  useEntries(may.act, change);
  const total = sessions.data?.size ?? 0;
  return (
    <>
      <PageHeader
        title="Sessions"
        documentTitle="Sessions"
        lead={total > 0 && <span className="tabular text-muted">{total}</span>}
        actions={
          <>
            <Around change={change} />
            {may.act && (
              <Button
                kind="primary"
                className="max-sm:fixed max-sm:right-4 max-sm:bottom-[calc(4.25rem+env(safe-area-inset-bottom))] max-sm:z-20 max-sm:shadow-float"
                icon={<Plus aria-hidden className="size-4" />}
                onClick={begin}
              >
                New session
              </Button>
            )}
          </>
        }
      >
        {total > 0 && (
          <Filters
            search={search}
            onChange={change}
            counts={counted(all ?? [])}
            agents={agentsOf(sources)}
          />
        )}
      </PageHeader>
      <Body
        {...{ sessions, shown, sources, search }}
        onClear={() => change(CLEAR)}
        begin={may.act ? begin : undefined}
      />
      <Dialogs search={search} change={change} />
    </>
  );
}

/** What is around sessions: as buttons where there is place for them, as a menu on phones. */
function Around({ change }: { readonly change: Change }) {
  const navigate = useNavigate();
  const isNarrow = useIsNarrow();
  const may = useMay();
  const check = { words: "Check folders", icon: FolderCheck, go: () => change({ check: 1 }) };
  const ways = [
    { words: "Wall", icon: LayoutGrid, go: () => void navigate({ to: "/wall" }) },
    { words: "Agent types", icon: Bot, go: () => change({ "agent-types": 1 }) },
    { words: "Repositories", icon: FolderGit2, go: () => change({ repositories: 1 }) },
    ...(may.act ? [check] : []),
  ];
  // On desks what is used every day is at hand.
  const [wall, ...others] = ways;
  const inMenu = isNarrow ? ways : others;
  return (
    <>
      {!isNarrow && wall !== undefined && (
        <Button kind="quiet" icon={<LayoutGrid aria-hidden className="size-4" />} onClick={wall.go}>
          {wall.words}
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label="Agent types, repositories and more">
            <Ellipsis aria-hidden className="size-4" />
          </IconButton>
        }
      >
        {inMenu.map(({ words, icon: Icon, go }) => (
          <MenuItem
            key={words}
            icon={<Icon aria-hidden className="size-4 text-muted" />}
            onSelect={go}
          >
            {words}
          </MenuItem>
        ))}
      </Menu>
    </>
  );
}

type Change = (change: Partial<Record<keyof SessionsSearch, string | 1 | undefined>>) => void;

const CLEAR = { q: undefined, agent: undefined, kind: undefined, standing: undefined };

/** Changes the address; words that are typed do not become steps of the browser's history. */
function useChangeSearch(): Change {
  const navigate = useNavigate();
  return useCallback<Change>(
    (next) =>
      void navigate({
        to: "/sessions",
        search: (old) => sessionsSearch({ ...old, ...next }),
        replace: true,
      }),
    [navigate],
  );
}

function useSources(sessions: ReadonlyMap<string, sessionsAndWorkers.Session> | undefined) {
  const activities = useActivities().data;
  const names = useAgentNames();
  const waiting = useAttention().data;
  return useMemo(() => {
    if (sessions === undefined) return undefined;
    const since = new Map(
      (waiting ?? [])
        .filter(({ reason }) => reason === "workerAsks")
        .map((item) => [item.subjectId, Date.parse(item.since)]),
    );
    return {
      sessions: [...sessions.values()],
      activityOf: (id: string) => activities?.get(id) ?? "unknown",
      asksSince: (id: string) => since.get(id),
      agentName: (id: string) => names.get(id) ?? id,
    } satisfies Sources;
  }, [sessions, activities, names, waiting]);
}

function agentsOf(sources: Sources | undefined) {
  if (sources === undefined) return [];
  const ids = new Set<string>();
  for (const { agent } of sources.sessions) ids.add(agent);
  return [...ids]
    .map((id) => ({ id, name: sources.agentName(id) }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function Body({
  sessions,
  shown,
  sources,
  search,
  onClear,
  begin,
}: {
  readonly sessions: UseQueryResult<Sessions>;
  readonly shown: ReturnType<typeof listed> | undefined;
  readonly sources: Sources | undefined;
  readonly search: SessionsSearch;
  readonly onClear: () => void;
  readonly begin: (() => void) | undefined;
}) {
  if (sessions.isError) return <Failure error={sessions.error} />;
  if (sessions.data === undefined || sources === undefined || shown === undefined) {
    return <Skeleton rows={8} />;
  }
  if (sessions.data.size === 0) {
    return (
      <NoSessions
        action={
          begin !== undefined && (
            <Button onClick={begin} icon={<Plus aria-hidden className="size-4" />}>
              Make the first session
            </Button>
          )
        }
      />
    );
  }
  if (shown.length === 0) return <NothingFits onClear={onClear} />;
  return (
    <List
      all={shown}
      search={search}
      activityOf={sources.activityOf}
      agentName={sources.agentName}
      sessions={sessions.data}
    />
  );
}

function Dialogs({ search, change }: { readonly search: SessionsSearch; readonly change: Change }) {
  const may = useMay();
  const navigate = useNavigate();
  const show = (session: rest.Session) =>
    void navigate({ to: "/sessions/$sessionId", params: { sessionId: session.id } });
  const made = (session: rest.Session) => {
    // Whoever closed the dialog meanwhile is told where it is, and stays where they are.
    const isWaiting = new URLSearchParams(location.search).has("new");
    if (isWaiting) show(session);
    else {
      const action = { label: "Open it", onClick: () => show(session) };
      tell(`${sessionName(session)} is there`, { action });
    }
  };
  return (
    <>
      {search.new === 1 && may.act && (
        <CreateSession
          agentId={search.agent}
          onClose={() => change({ new: undefined })}
          onMade={made}
        />
      )}
      {search["agent-types"] === 1 && (
        <AgentTypes onClose={() => change({ "agent-types": undefined })} />
      )}
      {search.check === 1 && may.act && (
        <CheckFolders onClose={() => change({ check: undefined })} />
      )}
      {search.repositories === 1 && (
        <Repositories onClose={() => change({ repositories: undefined })} />
      )}
    </>
  );
}

function useEntries(mayAct: boolean, change: Change): void {
  const entries = useMemo(() => {
    const group = "This page";
    const dialogs = [
      {
        id: "sessions agent types",
        label: "Agent types…",
        group,
        words: "claude codex custom",
        run: () => change({ "agent-types": 1 }),
      },
      {
        id: "sessions repositories",
        label: "Repositories and worktrees…",
        group,
        words: "git",
        run: () => change({ repositories: 1 }),
      },
      {
        id: "sessions check",
        label: "Check folders…",
        group,
        words: "validate missing broken",
        run: () => change({ check: 1 }),
      },
    ];
    return mayAct ? dialogs : [];
  }, [mayAct, change]);
  usePaletteEntries(entries);
}
