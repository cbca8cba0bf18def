// What was told to this dashboard, so that over all connections nothing is told twice and nothing is left
// out unsaid. Pure: messages in, events and questions out.

import type {
  CommandQueue,
  CommandState,
  CommandStatus,
  OutputPage,
  OutputResume,
  TerminalOutput,
} from "../../wire/dashboard.js";
import { Catching } from "./catching.js";
import type { OutputGap } from "./events.js";

/** How many ended commands are remembered, so that their end is told once. */
const REMEMBERED = 256;
/** A number beyond all records: asks only how a command ended. */
const BEYOND_ALL = Number.MAX_SAFE_INTEGER;

/** Whose missed output is fetched: every command's, or only that of commands of one's own. */
export type Follow = "all" | "own";

/** What the ledger tells. */
export interface Telling {
  output(output: TerminalOutput): void;
  gap(gap: OutputGap): void;
  status(status: CommandStatus): void;
  queue(queue: CommandQueue): void;
  /** The server does not know a command any more that it had told of. */
  forgotten(commandId: string): void;
}

/** One live command. */
interface Tracked {
  agentId: string;
  /** What was told last. */
  state?: CommandState;
  /** The number of the next record; absent until one was seen if the beginning was missed. */
  next?: number;
  isFollowed: boolean;
  /** Set while missed output is being fetched. */
  catching?: Catching | undefined;
}

/** Whether a command in this state is over, for good. */
export const isFinal = (state: CommandState): boolean => state !== "queued" && state !== "running";

/** What it holds is bounded by the server's live commands. */
export class Ledger {
  #canResume = false;
  #isFirst = true;
  #queues = new Map<string, CommandQueue>();
  #commands = new Map<string, Tracked>();
  #ended = new Set<string>();
  /** Set while a connection tells its snapshot: what it named. */
  #snapshot: { commands: Set<string>; queues: Set<string> } | undefined;
  /** Commands to be asked for, in order. */
  #questions: string[] = [];

  constructor(
    private readonly follows: Follow,
    private readonly tell: Telling,
  ) {}

  get isInSnapshot(): boolean {
    return this.#snapshot !== undefined;
  }

  get hasQuestions(): boolean {
    return this.#questions.length > 0;
  }

  /** A connection begins: its snapshot comes, until `endSnapshot`. */
  beginSnapshot(canResume: boolean): void {
    this.#canResume = canResume;
    this.#snapshot = { commands: new Set(), queues: new Set() };
    this.#questions = [];
    for (const [id, tracked] of this.#commands) {
      if (!canResume) {
        // This server, perhaps an older one, cannot be asked: what waited is told as it is.
        if (tracked.catching !== undefined) this.#release(id, tracked);
      } else if (tracked.catching || (tracked.isFollowed && tracked.next !== undefined)) {
        tracked.catching ??= new Catching();
        this.#questions.push(id);
      }
    }
  }

  /** The snapshot is over: what it did not name is not there any more. */
  endSnapshot(): void {
    const snapshot = this.#snapshot;
    if (snapshot === undefined) return;
    this.#snapshot = undefined;
    this.#isFirst = false;
    for (const agentId of [...this.#queues.keys()].filter((id) => !snapshot.queues.has(id))) {
      this.#queues.delete(agentId);
      this.tell.queue({ agentId, queue: [] });
    }
    for (const [id, tracked] of [...this.#commands]) {
      if (snapshot.commands.has(id)) continue;
      if (!this.#canResume) this.forget(id);
      else if (tracked.catching === undefined) this.#catchUp(id, tracked);
    }
  }

  /** From now on a command's output is complete, beginning with record `from` or with its first one. */
  follow(id: string, from?: number): void {
    const tracked = this.#track(id);
    tracked.isFollowed = true;
    if (from !== undefined && this.#canResume) {
      tracked.next = from;
      this.#catchUp(id, tracked);
    } else {
      tracked.next ??= 1;
    }
  }

  /** What to ask the server next. */
  question(): OutputResume | undefined {
    const commandId = this.#questions.shift();
    const tracked = commandId === undefined ? undefined : this.#commands.get(commandId);
    if (commandId === undefined || tracked === undefined) return undefined;
    const isWanted = tracked.isFollowed && tracked.next !== undefined;
    return { commandId, afterSequence: isWanted ? (tracked.next ?? 1) - 1 : BEYOND_ALL };
  }

  /** The same question once more, since it was not answered. */
  askAgain(id: string): void {
    if (this.#commands.has(id)) this.#questions.unshift(id);
  }

  queue(queue: CommandQueue): void {
    this.#snapshot?.queues.add(queue.agentId);
    const isRepeated = this.#snapshot !== undefined && !this.#isFirst;
    const known = this.#queues.get(queue.agentId);
    if (queue.queue.length === 0 && queue.held === undefined) this.#queues.delete(queue.agentId);
    else this.#queues.set(queue.agentId, queue);
    if (!(isRepeated && JSON.stringify(known) === JSON.stringify(queue))) this.tell.queue(queue);
  }

  status(status: CommandStatus): void {
    const id = status.commandId;
    if (this.#ended.has(id)) return;
    const isRepeated = this.#snapshot !== undefined && !this.#isFirst;
    this.#snapshot?.commands.add(id);
    const tracked = this.#track(id, status.agentId);
    // Whoever runs already and comes with its origin began before we looked.
    const isLate = status.status === "running" && status.requestedAt !== undefined;
    if (!isLate) tracked.next ??= 1;
    if (isFinal(status.status)) {
      if (tracked.catching === undefined) this.#finish(status);
      else tracked.catching.end(status);
    } else if (!(isRepeated && tracked.state === status.status)) {
      tracked.state = status.status;
      this.tell.status(status);
    }
  }

  output(output: TerminalOutput): void {
    const id = output.commandId;
    if (this.#ended.has(id)) return;
    const tracked = this.#track(id, output.agentId);
    const { next, catching } = tracked;
    const canFetch = tracked.isFollowed && this.#canResume;
    if (catching !== undefined) {
      catching.hold(output);
    } else if (output.gap !== undefined) {
      // This connection was too slow: what it missed is stored. Otherwise it is gone for everybody.
      if (output.gap.fromPosition === undefined && canFetch) this.#catchUp(id, tracked);
      else if (next !== undefined && output.gap.nextSequence > next) {
        this.#gap(id, tracked, output.gap.nextSequence, output.data.trim().replace(/^\[|\]$/g, ""));
      }
    } else if (next !== undefined && output.sequence > next && canFetch) {
      this.#catchUp(id, tracked).hold(output);
    } else {
      this.#deliver(output, tracked);
    }
  }

  page(page: OutputPage): void {
    const { commandId, agentId, records } = page;
    const tracked = this.#commands.get(commandId);
    if (tracked === undefined) return;
    for (const record of records) this.#deliver({ commandId, agentId, ...record }, tracked);
    if (page.isLast) this.caughtUp(commandId, records.length > 0);
    else this.askAgain(commandId);
  }

  /** Storage has no more: what was held meanwhile follows, and the end if it has come. */
  caughtUp(id: string, hasProgress: boolean): void {
    const tracked = this.#commands.get(id);
    if (tracked?.catching === undefined) return;
    if (tracked.catching.needsMore(tracked.next, hasProgress)) this.askAgain(id);
    else this.#release(id, tracked);
  }

  /** The server knows nothing of a command. */
  forget(id: string): void {
    if (!this.#commands.has(id)) return;
    this.#rememberEnd(id);
    this.tell.forgotten(id);
  }

  #track(id: string, agentId?: string): Tracked {
    const tracked = this.#commands.get(id) ?? { agentId: "", isFollowed: false };
    this.#commands.set(id, tracked);
    if (agentId !== undefined) {
      tracked.agentId = agentId;
      tracked.isFollowed ||= this.follows === "all";
    }
    return tracked;
  }

  #catchUp(id: string, tracked: Tracked): Catching {
    if (tracked.catching === undefined) this.#questions.push(id);
    tracked.catching ??= new Catching();
    return tracked.catching;
  }

  /** Tells a record that is not older than what was told, and the hole before it if there is one. */
  #deliver(output: TerminalOutput, tracked: Tracked): void {
    const { next } = tracked;
    if (next !== undefined && output.sequence < next) return;
    if (next !== undefined && output.sequence > next) {
      this.#gap(output.commandId, tracked, output.sequence, "it is not kept any more");
    }
    tracked.next = output.sequence + 1;
    this.tell.output(output);
  }

  #gap(commandId: string, tracked: Tracked, nextSequence: number, reason: string): void {
    const fromSequence = tracked.next ?? nextSequence;
    tracked.next = nextSequence;
    this.tell.gap({ commandId, agentId: tracked.agentId, fromSequence, nextSequence, reason });
  }

  /** What waited is told, with the holes in it. */
  #release(id: string, tracked: Tracked): void {
    const { held, ending } = tracked.catching?.release() ?? { held: [], ending: undefined };
    tracked.catching = undefined;
    for (const output of held) this.#deliver(output, tracked);
    // A listener may have ended what it heard of.
    if (ending !== undefined && this.#commands.has(id)) this.#finish(ending);
  }

  #finish(status: CommandStatus): void {
    this.#rememberEnd(status.commandId);
    this.tell.status(status);
  }

  #rememberEnd(id: string): void {
    this.#commands.delete(id);
    this.#ended.add(id);
    const [oldest] = this.#ended;
    if (this.#ended.size > REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
  }
}
