// The page "Live": every browser there is, each with a picture now and then.

import { useNavigate } from "@tanstack/react-router";
import { AppWindow } from "lucide-react";
import { useState } from "react";
import { useBrowsers } from "@/api/browsers";
import { useRunsByBrowser } from "@/api/runs";
import { useMay } from "@/api/server";
import { Tile } from "@/features/browsers/Tile";
import { runName } from "@/features/runs/standing";
import { sessionName } from "@/features/sessions/standing";
import { useAgentNames } from "@/live/machines";
import { useSessions } from "@/live/sessions";
import { Button } from "@/ui/Button";
import { Empty, Failure, Skeleton } from "@/ui/Emptiness";
import { PageHeader } from "@/ui/PageHeader";
import { ChooseSession } from "./ChooseSession";

/** The page. */
export function Page() {
  const browsers = useBrowsers();
  const sessions = useSessions().data;
  const agents = useAgentNames();
  const may = useMay();
  const navigate = useNavigate();
  const [isChoosing, setChoosing] = useState(false);
  const known = [...(browsers.data?.values() ?? [])];
  const hasOthers =
    sessions !== undefined && known.some(({ sessionId }) => !sessions.has(sessionId));
  const runs = useRunsByBrowser(hasOthers);
  const all = known.map((browser) => {
    const session = sessions?.get(browser.sessionId);
    const run = runs.get(browser.sessionId);
    return {
      browser,
      name:
        session !== undefined
          ? sessionName(session)
          : run !== undefined
            ? runName(run)
            : browser.sessionId,
      agent: agents.get(browser.agentId) ?? browser.agentId,
    };
  });
  all.sort((one, other) => one.name.localeCompare(other.name));
  const open = may.act && (
    <Button
      kind={all.length === 0 ? "primary" : "plain"}
      icon={<AppWindow aria-hidden className="size-4" />}
      onClick={() => setChoosing(true)}
    >
      Open a browser
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Live"
        documentTitle="Live"
        lead={all.length > 0 && <span className="text-muted">{countWords(all.length)}</span>}
        actions={all.length > 0 && open}
      />
      {browsers.isPending && <Skeleton rows={6} />}
      {browsers.isError && (
        <Failure error={browsers.error} onRetry={() => void browsers.refetch()} />
      )}
      {browsers.isSuccess && all.length === 0 && (
        <Empty
          icon={<AppWindow aria-hidden />}
          title="No browser is open"
          {...(open === false ? {} : { action: open })}
        >
          Browsers of sessions and runs are watched here, and steered by one person at a time.
        </Empty>
      )}
      {all.length > 0 && (
        <div className="min-h-0 flex-1 overflow-auto p-4">
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,20rem),1fr))] gap-4">
            {all.map((one) => (
              <Tile key={one.browser.sessionId} {...one} />
            ))}
          </ul>
        </div>
      )}
      {isChoosing && (
        <ChooseSession
          onClose={() => setChoosing(false)}
          onChosen={(sessionId) => void navigate({ to: "/live/$sessionId", params: { sessionId } })}
        />
      )}
    </>
  );
}

const countWords = (count: number) => `${count} ${count === 1 ? "browser" : "browsers"}`;
