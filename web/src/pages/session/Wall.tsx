// The page "Wall": terminals of any sessions side by side, for whoever watches over many.

import { useNavigate, useSearch } from "@tanstack/react-router";
import { LayoutGrid, Link2, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { serverUrl } from "@/api/place";
import { plain, reconciled, tiled } from "@/features/workspace/arrangement";
import { columnsFor } from "@/features/workspace/geometry";
import { makeWorkspace, type WorkspaceStore } from "@/features/workspace/store";
import { tabsOf } from "@/features/workspace/tiling";
import { type Sessions, useActivities, useSessions } from "@/live/sessions";
import { Button, IconButton } from "@/ui/Button";
import { Empty, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { ArrangeMenu } from "./ArrangeMenu";
import { BringIn } from "./BringIn";
import { copy } from "./copy";
import { Desk } from "./Desk";
import { aspectNow } from "./useSessionWorkspace";
import { mostWanted, workerOf } from "./workers";

/** So many terminals can be watched at once. */
const MOST = 8;

/** The page. */
export function Page() {
  const { data: sessions } = useSessions();
  const activities = useActivities().data;
  const { show } = useSearch({ from: "/wall" });
  if (sessions === undefined || activities === undefined) {
    return (
      <>
        <PageHeader title="Wall" documentTitle="Wall" />
        <Skeleton rows={6} />
      </>
    );
  }
  const first = () => mostWanted(sessions, activities, MOST);
  return <Shown key={show ?? ""} sessions={sessions} linked={show?.split(",")} first={first} />;
}

const evenly = (tabs: readonly string[]) =>
  tiled(plain(tabs), columnsFor(Math.min(MOST, tabs.length), aspectNow()), MOST);

/** The wall of a link, or the one that was left here, or one of those who most want somebody. */
function useWall(linked: readonly string[] | undefined, first: () => readonly string[]) {
  const [store] = useState((): WorkspaceStore => {
    const kept = makeWorkspace("wall", { shelf: localStorage, tabs: [] });
    if (linked !== undefined) kept.setState(evenly(linked));
    else if (tabsOf(kept.getState().tiling).length === 0) kept.setState(evenly(first()));
    return kept;
  });
  return store;
}

function Shown({
  sessions,
  linked,
  first,
}: {
  readonly sessions: Sessions;
  readonly linked: readonly string[] | undefined;
  readonly first: () => readonly string[];
}) {
  const store = useWall(linked, first);
  const navigate = useNavigate();
  const [isAdding, setAdding] = useState(false);
  useEffect(() => {
    const foreign = (tab: string) => workerOf(sessions, tab) !== undefined;
    store.setState((now) => reconciled(now, { own: [], foreign }));
  }, [store, sessions]);
  const link = () => `${serverUrl}/wall?show=${tabsOf(store.getState().tiling).join(",")}`;
  const add = (
    <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setAdding(true)}>
      Show terminals
    </Button>
  );
  return (
    <>
      <div className="in-data-[keyboard=open]:hidden">
        <PageHeader
          title="Wall"
          documentTitle="Wall"
          actions={
            <>
              {add}
              <ArrangeMenu store={store} />
              <IconButton label="Copy link" onClick={() => void copy(link(), "The link")}>
                <Link2 aria-hidden className="size-4" />
              </IconButton>
            </>
          }
        />
      </div>
      <Desk
        store={store}
        empty={
          <Empty
            icon={<LayoutGrid aria-hidden />}
            title="Nothing is on the wall"
            action={
              sessions.size === 0 ? (
                <Button onClick={() => void navigate({ to: "/sessions" })}>Sessions</Button>
              ) : (
                add
              )
            }
          >
            Up to eight terminals of any sessions can be watched here at once.
          </Empty>
        }
      />
      {isAdding && <BringIn store={store} onClose={() => setAdding(false)} />}
    </>
  );
}
