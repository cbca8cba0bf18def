// One browser among many: a picture now and then, while somebody can see it.

import { Link } from "@tanstack/react-router";
import { Hand } from "lucide-react";
import type { Browser } from "pilothouse-client";
import { useEffect, useRef } from "react";
import { Badge, Status, type Tone } from "@/ui/Badge";
import { useFacts, useShownWhileSeen, useWatching } from "./useWatching";
import type { Watching } from "./watching";

/** Enough to see that something happens. */
const GLANCE_FPS = 1;

/** How a browser is, in a word. */
export function stateWords({ state, live, incident }: Browser): { tone: Tone; words: string } {
  if (state === "opening") return { tone: "accent", words: "opening" };
  if (state === "failed") return { tone: "bad", words: "failed" };
  if (typeof incident === "string") return { tone: "warn", words: "in trouble" };
  return live ? { tone: "ok", words: "live" } : { tone: "neutral", words: "no pictures" };
}

/** See the top of the file. */
export function Tile({
  browser,
  name,
  agent,
}: {
  readonly browser: Browser;
  /** What people call its session, and its agent. */
  readonly name: string;
  readonly agent: string;
}) {
  const { sessionId, title, url, incident, control } = browser;
  const place = useRef<HTMLLIElement>(null);
  const watching = useWatching(sessionId, { maxFps: GLANCE_FPS, hasEvents: false });
  useShownWhileSeen(watching, place);
  const { tone, words } = stateWords(browser);
  return (
    <li ref={place} className="min-w-0">
      <Link
        to="/live/$sessionId"
        params={{ sessionId }}
        className="flex flex-col overflow-hidden rounded-lg border bg-surface hover:border-line-strong"
      >
        <div className="relative aspect-video bg-black">
          {watching !== undefined && <Glance watching={watching} />}
          {control.holder !== null && (
            <span className="absolute top-2 right-2">
              <Badge tone="warn">
                <Hand aria-hidden className="size-3" />
                {control.holder.name} steers
              </Badge>
            </span>
          )}
        </div>
        <div className="flex flex-col gap-0.5 px-3 py-2">
          <span className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
            <span className="text-small text-muted">
              <Status tone={tone}>{words}</Status>
            </span>
          </span>
          <span className="truncate text-small text-muted">
            {incident ?? (title !== "" ? title : url)}
          </span>
          <span className="truncate text-tiny text-faint">{agent}</span>
        </div>
      </Link>
    </li>
  );
}

function Glance({ watching }: { readonly watching: Watching }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const hasPicture = useFacts(watching, (facts) => facts.hasPicture);
  useEffect(() => {
    if (canvas.current !== null) return watching.painter.attach(canvas.current);
    return undefined;
  }, [watching]);
  return (
    <>
      {/* What it shows is told below it. */}
      <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full object-contain" />
      {!hasPicture && (
        <span className="absolute inset-0 flex items-center justify-center text-small text-white">
          No picture yet
        </span>
      )}
    </>
  );
}
