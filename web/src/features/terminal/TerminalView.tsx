// A worker's terminal in the page: mounts it, and shows beside it what has to be said and can be done.

import type { sessionsAndWorkers } from "pilothouse-client";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useKeyboardInset } from "@/ui/useKeyboardInset";
import { FIRST_FACTS } from "./facts";
import { HistoryDialog } from "./HistoryDialog";
import { KeyBar } from "./KeyBar";
import { LEAVE_KEY } from "./keyboard";
import { Overlay } from "./Overlay";
import { PasteDialog } from "./PasteDialog";
import { attendPastes } from "./receiving";
import { SearchBar } from "./SearchBar";
import { StatusLine } from "./StatusLine";
import { useTerminals } from "./TerminalsProvider";
import type { WorkerTerminal } from "./terminal";
import { attendTouch } from "./touch";
import "./terminal.css";

/** What a view of a terminal is given. */
export interface TerminalViewProps {
  readonly sessionId: string;
  readonly workerId: string;
  /** What people call the worker. */
  readonly name: string;
  /** Whether it takes keys as soon as it is there. */
  readonly takesFocus?: boolean;
  /** Whether this view may only be read, whatever else is allowed. */
  readonly isReadOnly?: boolean | undefined;
  /** Since when the worker's agent is away, in milliseconds since 1970. */
  readonly agentAwaySince?: number | undefined;
  /** Begins the worker anew; without it nothing is offered when it has ended. */
  readonly onRestart?: (() => void) | undefined;
  readonly onTitle?: ((title: string) => void) | undefined;
  readonly onExit?: ((exit: sessionsAndWorkers.Exit) => void) | undefined;
  readonly onBell?: (() => void) | undefined;
  /** It took the focus. */
  readonly onFocus?: (() => void) | undefined;
  /** More for the line below it, such as who watches. */
  readonly status?: ReactNode;
}

/** See the top of the file. */
export function TerminalView(props: TerminalViewProps) {
  const { sessionId, workerId } = props;
  const keeper = useTerminals();
  const [terminal, setTerminal] = useState<WorkerTerminal>();
  useEffect(() => {
    const taken = keeper.take({ sessionId, workerId });
    setTerminal(taken);
    return () => {
      setTerminal(undefined);
      keeper.giveBack(taken);
    };
  }, [keeper, sessionId, workerId]);
  return <Frame {...props} terminal={terminal} />;
}

const nothing = () => () => {};

function Frame({
  terminal,
  ...props
}: TerminalViewProps & { readonly terminal: WorkerTerminal | undefined }) {
  const { name, takesFocus = false, isReadOnly, onBell, onFocus } = props;
  const frame = useRef<HTMLElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const flash = useRef<HTMLDivElement>(null);
  const [isSearching, setSearching] = useState(false);
  const [showsHistory, setShowsHistory] = useState(false);
  const facts = useSyncExternalStore(
    terminal?.facts.subscribe ?? nothing,
    terminal?.facts.now ?? (() => FIRST_FACTS),
  );
  const told = useRef({ onBell, onFocus });
  told.current = { onBell, onFocus };
  useEffect(() => {
    if (terminal === undefined || place.current === null) return;
    const ends = [
      terminal.mount(place.current, {
        searches: () => setSearching(true),
        leaves: () => frame.current?.querySelector<HTMLElement>("[data-after] button")?.focus(),
        focused: () => told.current.onFocus?.(),
        rings: () => {
          told.current.onBell?.();
          flash.current?.animate([{ opacity: 1 }, { opacity: 0 }], 250);
        },
      }),
      attendPastes(place.current, terminal.typing),
      attendTouch(place.current, terminal),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [terminal]);
  useEffect(() => {
    if (takesFocus) terminal?.focus();
  }, [terminal, takesFocus]);
  useEffect(() => {
    if (isReadOnly !== undefined) terminal?.setReadOnly(isReadOnly);
  }, [terminal, isReadOnly]);
  useEffect(
    () => terminal?.screen.label(`${name}: terminal. ${LEAVE_KEY} leaves it.`),
    [terminal, name],
  );
  useTelling(facts, props);
  const inset = useKeyboardInset(frame);
  const endSearch = () => {
    setSearching(false);
    terminal?.screen.endSearch();
    terminal?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a terminal is no set of fields.
    <section
      ref={frame}
      role="group"
      aria-label={`Terminal ${name}`}
      className="relative flex h-full min-h-0 min-w-0 flex-col overflow-hidden"
      style={{ paddingBottom: inset }}
    >
      <div className="relative min-h-0 flex-1">
        <div ref={place} className="absolute inset-0 overflow-hidden" />
        <div
          ref={flash}
          aria-hidden
          className="pointer-events-none absolute inset-0 border-2 border-accent opacity-0"
        />
        {terminal !== undefined && (
          <Overlay
            {...{ facts, terminal }}
            agentAwaySince={props.agentAwaySince}
            onRestart={props.onRestart}
            onOlder={() => setShowsHistory(true)}
          />
        )}
        {terminal !== undefined && isSearching && (
          <SearchBar screen={terminal.screen} found={facts.found} onClose={endSearch} />
        )}
      </div>
      {terminal !== undefined && (
        <div data-after="" className="shrink-0">
          <StatusLine
            {...{ facts, terminal }}
            isLocked={isReadOnly === true}
            onSearch={() => setSearching(true)}
            onOlder={() => setShowsHistory(true)}
          >
            {props.status}
          </StatusLine>
          {!facts.isReadOnly && facts.worker?.mayType !== false && (
            <KeyBar terminal={terminal} held={facts.held} />
          )}
        </div>
      )}
      {terminal !== undefined && facts.pasted !== undefined && (
        <PasteDialog text={facts.pasted} onDecide={(isYes) => terminal.typing.decidePaste(isYes)} />
      )}
      {terminal !== undefined && showsHistory && (
        <HistoryDialog {...{ terminal, name }} onClose={() => setShowsHistory(false)} />
      )}
    </section>
  );
}

/** Tells the page of what it may show elsewhere. */
function useTelling(
  { title, exit }: { readonly title: string; readonly exit: sessionsAndWorkers.Exit | undefined },
  { onTitle, onExit }: TerminalViewProps,
): void {
  useEffect(() => {
    if (title !== "") onTitle?.(title);
  }, [title, onTitle]);
  useEffect(() => {
    if (exit !== undefined) onExit?.(exit);
  }, [exit, onExit]);
}
