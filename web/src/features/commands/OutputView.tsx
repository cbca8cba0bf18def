// What a command wrote, live or stored: mounts the screen, and has what can be done with it.

import "@xterm/xterm/css/xterm.css";
import { ArrowDownToLine, Copy, Download, Search, WrapText } from "lucide-react";
import { commandOutput, type RestClient } from "pilothouse-client";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useServer } from "@/api/server";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { save } from "@/ui/save";
import { tell, tellFailure } from "@/ui/Toasts";
import { OutputSearch } from "./OutputSearch";
import { FIRST_FACTS, OutputScreen, type ScreenFacts } from "./output";

async function copyAll(rest: RestClient, commandId: string): Promise<void> {
  try {
    const parts: string[] = [];
    for await (const piece of commandOutput(rest, commandId)) {
      if (piece.kind === "output") parts.push(piece.text);
    }
    await navigator.clipboard.writeText(parts.join(""));
    tell("The output was copied");
  } catch (error) {
    tellFailure("The output was not copied", error);
  }
}

async function download(rest: RestClient, commandId: string): Promise<void> {
  try {
    const call = { path: { command: commandId }, query: { format: "text" } };
    const answer = await rest.response("GET /api/v1/commands/{command}/output", call);
    await save(answer, `${commandId}.txt`);
  } catch (error) {
    tellFailure("The output was not downloaded", error);
  }
}

/** What stands in place of text while there is none. */
function Nothing({
  facts,
  isWaiting,
}: {
  readonly facts: ScreenFacts;
  readonly isWaiting: boolean;
}) {
  const { reading } = facts;
  if (reading.is === "failed") {
    return (
      <p role="alert" className="text-bad">
        The output could not be read: {reading.words}
      </p>
    );
  }
  if (!facts.isEmpty) return null;
  if (reading.is === "loading") return <p>Reading the output</p>;
  if (reading.is === "ended") return <p>It printed nothing.</p>;
  return <p>{isWaiting ? "It waits for its turn." : "Nothing printed yet."}</p>;
}

/** One command's output. Mounted anew for another command: give it the command's id as `key`. */
export function OutputView({
  commandId,
  isWaiting = false,
  lead,
  sought = "",
}: {
  readonly commandId: string;
  /** What is looked for as soon as the output is there. */
  readonly sought?: string;
  /** Whether the command has yet to begin. */
  readonly isWaiting?: boolean;
  /** At the left of its buttons. */
  readonly lead?: ReactNode;
}) {
  const { rest, dashboard } = useServer();
  const host = useRef<HTMLDivElement>(null);
  const [screen, setScreen] = useState<OutputScreen>();
  const [facts, setFacts] = useState<ScreenFacts>(FIRST_FACTS);
  const [isSearching, setSearching] = useState(sought !== "");
  const [wraps, setWraps] = useState(true);

  useEffect(() => {
    if (host.current === null) return;
    const element = host.current;
    const made = new OutputScreen({ element, rest, dashboard, commandId, onFacts: setFacts });
    setScreen(made);
    return () => made.dispose();
  }, [rest, dashboard, commandId]);

  const isRead = facts.reading.is === "ended" || facts.reading.is === "live";
  useEffect(() => {
    if (isRead && sought !== "") screen?.findDrawn(sought);
  }, [screen, isRead, sought]);

  return (
    <section aria-label="Output" className="relative flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex min-h-9 items-center gap-1 border-b bg-surface px-3 py-1 max-sm:flex-wrap">
        <div className="flex min-w-0 flex-1 items-center gap-2 max-sm:basis-full">
          {lead}
          {facts.hasErrors && (
            <span className="text-tiny whitespace-nowrap text-muted">
              <span aria-hidden className="text-bad">
                ▌
              </span>{" "}
              stderr
            </span>
          )}
        </div>
        <IconButton
          label="Search in the output"
          size="small"
          aria-pressed={isSearching}
          onClick={() => setSearching(!isSearching)}
        >
          <Search aria-hidden className="size-4" />
        </IconButton>
        <IconButton
          label="Wrap long lines"
          size="small"
          aria-pressed={wraps}
          className={wraps ? "text-accent-ink" : undefined}
          onClick={() => {
            setWraps(!wraps);
            screen?.wrap(!wraps);
          }}
        >
          <WrapText aria-hidden className="size-4" />
        </IconButton>
        <IconButton label="Copy all output" size="small" onClick={() => copyAll(rest, commandId)}>
          <Copy aria-hidden className="size-4" />
        </IconButton>
        <IconButton
          label="Download the output"
          size="small"
          onClick={() => download(rest, commandId)}
        >
          <Download aria-hidden className="size-4" />
        </IconButton>
      </div>
      {isSearching && screen !== undefined && (
        <OutputSearch
          screen={screen}
          found={facts.found}
          sought={sought}
          onClose={() => setSearching(false)}
        />
      )}
      <div className="relative min-h-0 flex-1 bg-[var(--output-ground)]">
        <div
          ref={host}
          data-testid="output"
          className={classes(
            "absolute inset-y-2 right-0 left-3",
            wraps ? "overflow-hidden" : "overflow-x-auto overflow-y-hidden",
          )}
        />
        <div className="pointer-events-none absolute inset-x-3 top-2 text-small text-muted">
          <Nothing facts={facts} isWaiting={isWaiting} />
        </div>
        {!facts.isAtEnd && (
          <Button
            size="small"
            className="absolute right-5 bottom-3 shadow-float"
            icon={<ArrowDownToLine aria-hidden className="size-3.5" />}
            onClick={() => screen?.jumpToEnd()}
          >
            Jump to the end
          </Button>
        )}
      </div>
    </section>
  );
}
