// Older output than a terminal keeps on the page: read from the server's log by range, in a terminal of its own.

import { ArrowDown, ArrowUp, Search } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { Found } from "./facts";
import { extent, gather, NOTHING, type Stretch, textOf, wanted, withPiece } from "./older";
import { megabytes } from "./pictures";
import { SearchBar } from "./SearchBar";
import type { Screen } from "./screen";
import type { WorkerTerminal } from "./terminal";

/** See the top of the file. */
export function HistoryDialog({
  terminal,
  name,
  onClose,
}: {
  readonly terminal: WorkerTerminal;
  readonly name: string;
  readonly onClose: () => void;
}) {
  const [end] = useState(() => terminal.position?.offset ?? 0);
  const { stretch, isLoading, problem, load } = useOlder(terminal, end);
  const [found, setFound] = useState<Found>();
  const { place, screen } = useReader(terminal, setFound);
  const [isSearching, setSearching] = useState(false);
  const shown = extent(stretch);
  useEffect(() => {
    if (screen === undefined || stretch.pieces.length === 0) return;
    screen.terminal.reset();
    screen.terminal.write(textOf(stretch), () => screen.terminal.scrollToBottom());
  }, [screen, stretch]);
  const hasOlder = wanted(stretch, "older", end) !== undefined;
  const hasNewer = shown !== undefined && wanted(stretch, "newer", end) !== undefined;
  return (
    <Dialog
      isOpen
      width="wide"
      onClose={onClose}
      title={`Older output of ${name}`}
      description={
        shown === undefined ? "What was printed, as the server keeps it." : extentWords(shown, end)
      }
      footer={
        <>
          <Button onClick={() => setSearching(true)}>
            <Search aria-hidden className="size-3.5" /> Search
          </Button>
          <span className="flex-1" />
          <Button disabled={!hasOlder} isBusy={isLoading} onClick={() => void load("older")}>
            <ArrowUp aria-hidden className="size-3.5" /> Older
          </Button>
          <Button disabled={!hasNewer || isLoading} onClick={() => void load("newer")}>
            <ArrowDown aria-hidden className="size-3.5" /> Newer
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div className="relative h-[56dvh] overflow-hidden rounded-md border">
        <div ref={place} className="absolute inset-0 overflow-auto" />
        {isSearching && screen !== undefined && (
          <SearchBar
            screen={screen}
            found={found}
            onClose={() => {
              setSearching(false);
              screen.endSearch();
            }}
          />
        )}
      </div>
      <p role="status" className="mt-1 min-h-5 text-small text-muted">
        {problem ?? (end === 0 ? "Nothing was printed yet." : "")}
        {problem === undefined && !hasOlder && end > 0 && "This is the oldest that is kept."}
      </p>
    </Dialog>
  );
}

function extentWords({ from, to }: { readonly from: number; readonly to: number }, end: number) {
  const all = megabytes(end);
  if (from === 0 && to >= end) return `All that was printed, ${all}.`;
  const begin = from === 0 ? "the beginning" : megabytes(from);
  return `From ${begin} to ${to >= end ? "the end" : megabytes(to)}, of ${all}.`;
}

function useOlder(terminal: WorkerTerminal, end: number) {
  const [stretch, setStretch] = useState<Stretch>(NOTHING);
  const [isLoading, setLoading] = useState(false);
  const [problem, setProblem] = useState<string>();
  const isBusy = useRef(false);
  const newest = useRef(stretch);
  newest.current = stretch;
  const load = useCallback(
    async (goes: "older" | "newer") => {
      const range = wanted(newest.current, goes, end);
      if (range === undefined || isBusy.current) return;
      isBusy.current = true;
      setLoading(true);
      setProblem(undefined);
      try {
        const piece = await gather((from, to) => terminal.history(from, to), range);
        setStretch(withPiece(newest.current, piece, goes));
      } catch (error) {
        setProblem(error instanceof Error ? `Not loaded: ${error.message}.` : "Not loaded.");
      } finally {
        isBusy.current = false;
        setLoading(false);
      }
    },
    [terminal, end],
  );
  useEffect(() => void load("older"), [load]);
  return { stretch, isLoading, problem, load };
}

/** A terminal that is only read, of the same width as the live one. */
function useReader(terminal: WorkerTerminal, onFound: (found: Found) => void) {
  const [place, setPlace] = useState<HTMLDivElement | null>(null);
  const [screen, setScreen] = useState<Screen>();
  useEffect(() => {
    if (place === null) return;
    const reader = terminal.reader({
      found: (at, count) => onFound({ at, count }),
      measured: () => reader.fillRows(place),
    });
    reader.mount(place);
    setScreen(reader);
    return () => {
      setScreen(undefined);
      reader.dispose();
    };
  }, [terminal, place, onFound]);
  return { place: setPlace, screen };
}
