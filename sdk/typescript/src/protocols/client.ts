// What all clients have in common: one connection that comes back by itself, and who is told of it.

import type { Loss } from "../connection/attempt.js";
import { Connection, type ConnectionState, type Waiting } from "../connection/connection.js";
import { Emitter, type Listener } from "../connection/events.js";
import type { ConnectionOptions, Protocol } from "../connection/options.js";
import type { PilothouseError } from "../errors.js";

/** What every client tells when its connection is lost and comes back. */
export interface LossEvents {
  lost: Loss;
  /** The next attempt waits. `offersManual` is the moment to show a button that calls `reconnect`. */
  reconnecting: Waiting;
  /** It is over, and why. `reconnect` begins anew. */
  closed: PilothouseError;
  /** Something of a later version. */
  unknown: string;
}

/** What is told by clients whose connection is what it is, in no words of their protocol's own. */
export interface ClientEvents extends LossEvents {
  state: ConnectionState;
}

/** See the top of the file. `Events` maps names to what is told. */
export abstract class Client<Events, In, Out> {
  protected readonly events = new Emitter<Events>();
  protected readonly connection: Connection<In, Out>;

  protected constructor(options: ConnectionOptions, protocol: Protocol<In, Out>) {
    this.connection = new Connection(options, protocol);
  }

  /** Calls `listener` from now on; what is returned ends that. */
  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    return this.events.on(name, listener);
  }

  /** Resolves as soon as there is a connection, which then comes back by itself. */
  connect(): Promise<void> {
    return this.connection.connect();
  }

  /** Tries now, whatever was waited for, and also when it was over. */
  reconnect(): void {
    this.connection.reconnect();
  }

  /** Closes the connection for good. What goes on at the server goes on. */
  dispose(): void {
    this.connection.dispose();
    this.events.silence();
  }
}

/** Tells of losses. Whoever has to do something before users hear of one listens before this is called. */
export function tellLosses<In, Out>(of: Connection<In, Out>, to: Emitter<LossEvents>): void {
  of.events.on("lost", (loss) => to.emit("lost", loss));
  of.events.on("waiting", (waiting) => to.emit("reconnecting", waiting));
  of.events.on("closed", (error) => to.emit("closed", error));
  of.events.on("unknown", (text) => to.emit("unknown", text));
}

/** Tells how the connection is, and of losses, likewise. */
export function tellStates<In, Out>(of: Connection<In, Out>, to: Emitter<ClientEvents>): void {
  of.events.on("state", (state) => to.emit("state", state));
  tellLosses(of, to);
}
