// The terminals of this page, for all views below: one scheduler, one pool, and how a worker is connected to.

import { WorkerClient } from "pilothouse-client";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useServer } from "@/api/server";
import { attendPreferences } from "./preferences";
import { Scheduler } from "./scheduler";
import { WorkerTerminal } from "./terminal";
import { Terminals } from "./terminals";

/** Which worker. */
export interface WorkerPlace {
  readonly sessionId: string;
  readonly workerId: string;
}

/** Has terminals. */
export interface TerminalKeeper {
  /** The terminal of a worker, to look at until it is given back. */
  take(place: WorkerPlace): WorkerTerminal;
  giveBack(terminal: WorkerTerminal): void;
  /** Lets a worker's terminals go: it is gone. */
  forget(place: WorkerPlace): void;
}

/** So many keys may be pressed while a terminal that floods is shown anew. */
const MOST_KEYS = 256;

const KeeperContext = createContext<TerminalKeeper | undefined>(undefined);

const keyOf = ({ sessionId, workerId }: WorkerPlace) => `${sessionId} ${workerId}`;

/** Keeps terminals for the views below it, and lets all go with itself. */
export function TerminalsProvider({
  isReserved,
  children,
}: {
  /** Keys that are the page's wherever the focus is. */
  readonly isReserved?: (event: KeyboardEvent) => boolean;
  readonly children: ReactNode;
}) {
  const { url, token } = useServer();
  const [terminals] = useState(() => new Terminals<WorkerTerminal>());
  const [scheduler] = useState(() => new Scheduler((frame) => requestAnimationFrame(frame)));
  useEffect(() => {
    const stop = attendPreferences();
    return () => {
      stop();
      terminals.dispose();
    };
  }, [terminals]);
  const [keeper] = useState<TerminalKeeper>(() => ({
    take: (place) =>
      terminals.show(keyOf(place), () => {
        const client = new WorkerClient({ server: url, token, mostWaiting: MOST_KEYS, ...place });
        return new WorkerTerminal({ client, scheduler, ...(isReserved && { isReserved }) });
      }),
    giveBack: (terminal) => terminals.hide(terminal),
    forget: (place) => terminals.forget(keyOf(place)),
  }));
  return <KeeperContext value={keeper}>{children}</KeeperContext>;
}

/** The terminals of the page. */
export function useTerminals(): TerminalKeeper {
  const keeper = useContext(KeeperContext);
  if (keeper === undefined) throw new Error("there are no terminals outside of their provider");
  return keeper;
}
