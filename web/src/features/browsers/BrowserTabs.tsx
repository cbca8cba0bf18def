// The tabs of a browser: which there are, and for whoever steers to choose, close and open.

import { Plus, X } from "lucide-react";
import type { LiveTab } from "pilothouse-client";
import { useBrowserActs } from "@/api/browsers";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { tellFailure } from "@/ui/Toasts";

/** What people call a tab. */
const nameOf = ({ title, url }: LiveTab): string =>
  title !== "" ? title : url !== "" ? url : "Empty page";

/** See the top of the file. */
export function BrowserTabs({
  sessionId,
  tabs,
  isMine,
}: {
  readonly sessionId: string;
  readonly tabs: readonly LiveTab[];
  readonly isMine: boolean;
}) {
  const acts = useBrowserActs(sessionId);
  const ask = async (action: "select" | "close" | "new", tab?: string) => {
    try {
      await acts.tab(action, tab);
    } catch (error) {
      tellFailure("The tabs stay as they are", error);
    }
  };
  if (tabs.length === 0 && !isMine) return null;
  return (
    <div className="flex shrink-0 items-center gap-1 border-b bg-surface px-2 py-1">
      <ul aria-label="Tabs of the browser" className="flex min-w-0 flex-1 gap-1 overflow-x-auto">
        {tabs.map((tab) => (
          <li
            key={tab.id}
            className={classes(
              "flex h-7 max-w-56 min-w-24 shrink-0 items-center rounded-md border touch:h-10",
              tab.active ? "bg-accent-soft text-accent-ink" : "text-muted",
            )}
          >
            <button
              type="button"
              aria-current={tab.active ? "true" : undefined}
              disabled={!isMine}
              title={tab.url}
              onClick={() => void ask("select", tab.id)}
              className="h-full min-w-0 flex-1 truncate px-2 text-left text-small"
            >
              {nameOf(tab)}
            </button>
            {isMine && (
              <IconButton
                label={`Close ${nameOf(tab)}`}
                size="small"
                className="size-6!"
                onClick={() => void ask("close", tab.id)}
              >
                <X aria-hidden className="size-3.5" />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {isMine && (
        <IconButton label="New tab" size="small" onClick={() => void ask("new")}>
          <Plus aria-hidden className="size-4" />
        </IconButton>
      )}
    </div>
  );
}
