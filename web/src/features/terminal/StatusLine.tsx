// The line below a terminal: how large it is and who decides that, what was skipped, and what can be done.

import { ALargeSmall, History, Lock, LockOpen, Search } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import type { Facts, Notice } from "./facts";
import { howToOpen } from "./links";
import { PreferencesDialog } from "./PreferencesDialog";
import { megabytes } from "./pictures";
import type { WorkerTerminal } from "./terminal";
import { nameOf, Watchers } from "./Watchers";

/** Words are read within this time. */
const NOTICE_MS = 6000;

/** See the top of the file. */
export function StatusLine({
  facts,
  terminal,
  isLocked,
  onSearch,
  onOlder,
  children,
}: {
  readonly facts: Facts;
  readonly terminal: WorkerTerminal;
  /** Whether the page decided that this view is read-only. */
  readonly isLocked: boolean;
  readonly onSearch: () => void;
  readonly onOlder: () => void;
  readonly children?: ReactNode;
}) {
  const [showsPreferences, setShowsPreferences] = useState(false);
  const mayType = facts.worker?.mayType !== false;
  return (
    <div className="flex h-7 items-center gap-3 overflow-hidden border-t bg-surface pl-2.5 text-small text-muted touch:h-11">
      <Words facts={facts} />
      <span className="flex-1" />
      {children}
      <Watchers {...{ facts }} />
      <SizeWords {...{ facts, terminal }} />
      <div className="flex shrink-0 items-center pr-1">
        <LockButton {...{ facts, terminal, mayType, isLocked }} />
        <IconButton size="small" label="Search (Ctrl+Shift+F)" onClick={onSearch}>
          <Search aria-hidden className="size-3.5" />
        </IconButton>
        <IconButton size="small" label="Older output" onClick={onOlder}>
          <History aria-hidden className="size-3.5" />
        </IconButton>
        <IconButton
          size="small"
          label="Fonts and colours of terminals"
          onClick={() => setShowsPreferences(true)}
        >
          <ALargeSmall aria-hidden className="size-4" />
        </IconButton>
      </div>
      {showsPreferences && <PreferencesDialog onClose={() => setShowsPreferences(false)} />}
    </div>
  );
}

function LockButton({
  facts: { isReadOnly },
  terminal,
  mayType,
  isLocked,
}: {
  readonly facts: Facts;
  readonly terminal: WorkerTerminal;
  readonly mayType: boolean;
  readonly isLocked: boolean;
}) {
  if (!mayType || isLocked) {
    return (
      <span className="flex items-center gap-1 px-1.5 text-warn">
        <Lock aria-hidden className="size-3.5" /> Read-only
      </span>
    );
  }
  return (
    <IconButton
      size="small"
      label={isReadOnly ? "Read-only. Press to type again" : "Make this view read-only"}
      aria-pressed={isReadOnly}
      className={classes("w-auto px-1.5", isReadOnly && "text-warn")}
      onClick={() => terminal.setReadOnly(!isReadOnly)}
    >
      {isReadOnly ? (
        <>
          <Lock aria-hidden className="size-3.5" /> Read-only
        </>
      ) : (
        <LockOpen aria-hidden className="size-3.5" />
      )}
    </IconButton>
  );
}

/** What has to be said, the most passing first. */
function Words({ facts }: { readonly facts: Facts }) {
  const notice = useShortly(facts.notice);
  return (
    <>
      <span
        role="status"
        className={classes(
          "min-w-0 truncate",
          notice?.tone === "warning" && "text-warn",
          notice === undefined && "hidden",
        )}
      >
        {notice?.text}
      </span>
      {notice === undefined && facts.link !== undefined && (
        <span className="min-w-0 truncate">
          <span className="font-mono">{facts.link}</span> · {howToOpen()}
        </span>
      )}
      {notice === undefined && facts.link === undefined && <Standing facts={facts} />}
    </>
  );
}

/** What is so for longer. */
function Standing({ facts }: { readonly facts: Facts }) {
  const { isCatchingUp, skippedBytes, takesMouse } = facts;
  const words = [
    isCatchingUp && "Too much at once to show; catching up",
    skippedBytes > 0 && `skipped ${megabytes(skippedBytes)}`,
    takesMouse && "Shift+drag selects",
  ].filter((word) => word !== false);
  return <span className="min-w-0 truncate">{words.join(" · ")}</span>;
}

function useShortly(notice: Notice | undefined): Notice | undefined {
  const [past, setPast] = useState(0);
  const number = notice?.number;
  useEffect(() => {
    if (number === undefined) return;
    const timer = setTimeout(() => setPast(number), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [number]);
  return notice !== undefined && notice.number > past ? notice : undefined;
}

function SizeWords({
  facts: { size, ownership, connection, isReadOnly, viewers, worker },
  terminal,
}: {
  readonly facts: Facts;
  readonly terminal: WorkerTerminal;
}) {
  if (size === undefined) return null;
  const owner = viewers.find(({ ownsSize }) => ownsSize);
  const whose = owner === undefined ? "another window" : nameOf(owner);
  const mayTake = ownership === "another's" && connection === "open" && worker?.mayType === true;
  return (
    <span className="flex shrink-0 items-center gap-1.5 tabular">
      <span aria-label={`${size.cols} columns, ${size.rows} rows`} role="img">
        {size.cols}×{size.rows}
      </span>
      {ownership === "another's" && (
        // Answers to one's own size are on their way for a moment.
        <span className="flex items-center gap-1.5 opacity-0 [animation:terminal-appear_150ms_700ms_forwards]">
          <span className="max-sm:hidden">· sized by {whose}</span>
          {mayTake && !isReadOnly && (
            <button
              type="button"
              className="text-accent-ink underline underline-offset-2"
              onClick={() => terminal.takeOver()}
            >
              Take over
            </button>
          )}
        </span>
      )}
    </span>
  );
}
