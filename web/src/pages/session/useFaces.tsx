// What the tabs of a workspace look like: what they are, how they are, and what is new in them.

import { BellRing } from "lucide-react";
import type { sessionsAndWorkers } from "pilothouse-client";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useStore } from "zustand";
import {
  type Standing,
  sessionName,
  standingOf,
  standingWords,
} from "@/features/sessions/standing";
import { KindShape, StandingShape } from "@/features/sessions/WorkerMark";
import type { WorkspaceStore } from "@/features/workspace/store";
import type { TabFace } from "@/features/workspace/TabStrip";
import { panesOf, tabsOf } from "@/features/workspace/tiling";
import { type Activities, type Sessions, useActivities, useSessions } from "@/live/sessions";
import { type News, useNews } from "./useNews";
import { workerOf } from "./workers";

/** What is told of tabs. */
export interface Faces {
  readonly faceOf: (tab: string) => TabFace;
  /** A terminal rang, or somebody came to it. */
  readonly ring: (tab: string, isOn: boolean) => void;
}

/** See the top of the file. */
export function useFaces(store: WorkspaceStore, homeId: string | undefined): Faces {
  const sessions = useSessions().data;
  const activities = useActivities().data;
  const tiling = useStore(store, (now) => now.tiling);
  const [rung, setRung] = useState<ReadonlySet<string>>(new Set());
  const seen = useMemo(() => {
    const tabs = tabsOf(tiling);
    const standings = new Map(
      tabs.flatMap((tab): readonly (readonly [string, Standing])[] => {
        const standing = standingAt(tab, sessions, activities);
        return standing === undefined ? [] : [[tab, standing]];
      }),
    );
    const shown = new Set(panesOf(tiling).flatMap((pane) => pane.shown ?? []));
    return { standings, shown };
  }, [tiling, sessions, activities]);
  const news = useNews(seen);
  const ring = useCallback(
    (tab: string, isOn: boolean) => {
      if (isOn && isLookedAt(store, tab)) return;
      setRung((now) => (now.has(tab) === isOn ? now : toggled(now, tab)));
    },
    [store],
  );
  const faceOf = useMemo(
    () => (tab: string) => {
      const found = workerOf(sessions, tab);
      if (found === undefined) return UNKNOWN;
      const standing = seen.standings.get(tab) ?? standingAt(tab, sessions, activities) ?? "open";
      const isForeign = found.session.id !== homeId;
      return face(found, { standing, isForeign, news: news.get(tab), hasRung: rung.has(tab) });
    },
    [sessions, activities, seen, news, rung, homeId],
  );
  return { faceOf, ring };
}

function standingAt(
  tab: string,
  sessions: Sessions | undefined,
  activities: Activities | undefined,
): Standing | undefined {
  const found = workerOf(sessions, tab);
  if (found === undefined) return undefined;
  const { session, worker } = found;
  return standingOf(worker, activities?.get(worker.id) ?? "unknown", session.status);
}

/** Whether whoever hears it ring sits in front of it. */
function isLookedAt(store: WorkspaceStore, tab: string): boolean {
  const { tiling, focused } = store.getState();
  const shown = panesOf(tiling).find(({ id }) => id === focused)?.shown;
  return shown === tab && document.hasFocus();
}

function toggled(set: ReadonlySet<string>, tab: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(tab)) next.add(tab);
  return next;
}

const UNKNOWN: TabFace = {
  name: "Worker",
  kind: null,
  mark: null,
  words: "not known yet",
  isAlarmed: false,
};

const NEWS: Record<News, string> = {
  done: "done since you looked",
  ended: "ended since you looked",
};

function face(
  { session, worker }: { session: sessionsAndWorkers.Session; worker: sessionsAndWorkers.Worker },
  {
    standing,
    isForeign,
    news,
    hasRung,
  }: {
    readonly standing: Standing;
    readonly isForeign: boolean;
    readonly news: News | undefined;
    readonly hasRung: boolean;
  },
): TabFace {
  const words = [
    standingWords(standing, worker),
    ...(news === undefined ? [] : [NEWS[news]]),
    ...(hasRung ? ["rang"] : []),
  ];
  return {
    name: isForeign ? `${worker.name} in ${sessionName(session)}` : worker.name,
    kind: <KindShape type={worker.type} />,
    mark: <Marks {...{ standing, hasRung }} isNew={news !== undefined} />,
    words: words.join(", "),
    isAlarmed: standing === "asking" || hasRung,
  };
}

function Marks({
  standing,
  hasRung,
  isNew,
}: {
  readonly standing: Standing;
  readonly hasRung: boolean;
  readonly isNew: boolean;
}): ReactNode {
  return (
    <>
      <StandingShape standing={standing} />
      {hasRung && <BellRing aria-hidden className="size-3.5 shrink-0 text-warn" />}
      {isNew && <span aria-hidden className="size-1.5 shrink-0 rounded-full bg-accent" />}
    </>
  );
}
