// What is said over a picture: that it is old and why, that there is none yet, or that something is wrong.

import type { Browser } from "pilothouse-client";
import type { ReactNode } from "react";
import { useClock } from "@/ui/Age";
import { span } from "@/ui/ages";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { sentence } from "@/ui/sentence";
import type { LiveFacts } from "./facts";
import { useFacts } from "./useWatching";
import type { Watching } from "./watching";

/** What is to be said, if anything is. */
export type Notice =
  | { readonly kind: "none" }
  /** Something has to be waited for. */
  | { readonly kind: "waiting"; readonly words: string }
  /** What is shown is old. */
  | { readonly kind: "old"; readonly words: string; readonly mayRetry: boolean }
  /** What is shown is how it is, with something to know about it. */
  | { readonly kind: "incident"; readonly words: string };

/** Decides it. Pure. */
export function noticeOf(
  { connection, over, stale, hasPicture, status }: LiveFacts,
  browser: Browser | undefined,
): Notice {
  if (over !== undefined) return { kind: "old", words: sentence(over), mayRetry: true };
  if (connection === "waiting" || (connection === "connecting" && hasPicture)) {
    const reason = stale === undefined ? "" : ` ${sentence(stale.reason)}`;
    return { kind: "old", words: `The connection was lost.${reason}`, mayRetry: true };
  }
  if (browser?.state === "failed") {
    const words = browser.incident ?? "the browser could not be opened";
    return { kind: "old", words: sentence(words), mayRetry: false };
  }
  if (browser?.state === "opening") return { kind: "waiting", words: "The browser is opening." };
  if (stale?.cause === "stream" && connection === "open") {
    return { kind: "old", words: sentence(stale.reason), mayRetry: false };
  }
  const incident = browser?.incident ?? status?.reason;
  if (incident !== undefined && incident !== null && hasPicture) {
    return { kind: "incident", words: sentence(incident) };
  }
  if (!hasPicture) return { kind: "waiting", words: "Waiting for the first picture." };
  return { kind: "none" };
}

/** See the top of the file. `action` is what else can be done about it. */
export function PictureNotice({
  watching,
  browser,
  action,
}: {
  readonly watching: Watching;
  readonly browser: Browser | undefined;
  readonly action?: ReactNode;
}) {
  const facts = useFacts(watching, (all) => all);
  const notice = noticeOf(facts, browser);
  if (notice.kind === "none") return null;
  if (notice.kind === "waiting") {
    return (
      <div role="status" className="absolute inset-0 flex items-center justify-center p-4">
        <p className="rounded-md bg-black/75 px-3 py-2 text-white">{notice.words}</p>
      </div>
    );
  }
  const isOld = notice.kind === "old";
  return (
    <>
      {isOld && <div aria-hidden className="pointer-events-none absolute inset-0 bg-black/40" />}
      <div
        role={isOld ? "alert" : "status"}
        className={classes(
          "absolute inset-x-2 top-2 flex flex-wrap items-center gap-2 rounded-md border bg-raised px-3 py-2 text-ink shadow-float",
          isOld && "border-warn",
        )}
      >
        <span className="min-w-0 flex-1 break-words">
          {notice.words}
          {isOld && facts.hasPicture && <Since watching={watching} />}
          {isOld && notice.mayRetry && facts.returning !== undefined && (
            <Again at={facts.returning.at + facts.returning.waitMs} />
          )}
        </span>
        {isOld && notice.mayRetry && (
          <Button size="small" onClick={() => watching.client.reconnect()}>
            Reconnect
          </Button>
        )}
        {action}
      </div>
    </>
  );
}

function Since({ watching }: { readonly watching: Watching }) {
  const words = useClock((now) => span(now - watching.drawnAt));
  return <> What is shown is {words} old.</>;
}

function Again({ at }: { readonly at: number }) {
  const seconds = useClock((now) => Math.max(0, Math.ceil((at - now) / 1000)));
  return <> Again in {seconds} s.</>;
}
