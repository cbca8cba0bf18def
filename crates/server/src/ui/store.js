// What this page knows: agents, queues and commands, as the messages of the dashboard protocol tell it.
// It holds no DOM and sends nothing.

import { Output } from "./output.js";

const live = new Set(["sending", "queued", "running"]);
/** Ended commands beyond this are forgotten, oldest first. */
const rememberedEnds = 100;
/** Of these, only so many of the newest keep their output. */
const rememberedOutputs = 25;

export class Store {
  agents = new Map();
  commands = new Map();
  hasAgents = false;
  /** Server's clock minus ours, in ms. */
  clockOffset = 0;
  #unconfirmed = new Set();

  /** The time by the server's clock. */
  now() {
    return Date.now() + this.clockOffset;
  }

  /** Takes a message from the server; returns what a person should be told of it, or null. */
  receive({ type, timestamp, payload }) {
    if (Number.isFinite(timestamp)) this.clockOffset = timestamp - Date.now();
    switch (type) {
      case "connection:ack": this.#distrust(); return null;
      case "heartbeat": this.#settle(); return null;
      case "agent:list": this.#replaceAgents(payload.agents ?? []); return null;
      case "agent:status": this.#putAgent(payload); return null;
      case "command:queue": this.#putQueue(payload); return null;
      case "command:status": return this.#putStatus(payload, timestamp);
      case "terminal:output": this.#putOutput(payload); return null;
      default: return null;
    }
  }

  /** Remembers a command that was just sent, until the server names it. */
  addSent(requestId, agentId, line, priority) {
    const command = { ...emptyCommand(requestId, agentId), line, priority, requestId, status: "sending" };
    this.commands.set(requestId, command);
    return command;
  }

  /** The server said no to a command that was sent; which one, if it can be told. */
  refuse(requestId, reason) {
    const sent = [...this.commands.values()].find(
      (command) => command.status === "sending" && (requestId === undefined || command.requestId === requestId),
    );
    if (sent === undefined) return null;
    sent.error = reason;
    this.#end(sent, "refused");
    return sent;
  }

  /** The commands of an agent: what runs, what waits in its order, what ended, newest first. */
  commandsOf(agentId) {
    const all = [...this.commands.values()].filter((command) => command.agentId === agentId);
    return {
      running: all.filter((command) => command.status === "running"),
      queued: all.filter((command) => command.status === "queued" || command.status === "sending").sort(byPosition),
      ended: all.filter((command) => !live.has(command.status)).reverse(),
    };
  }

  /** Linked agents first, then by name. */
  agentsInOrder() {
    const rank = (agent) => (agent.status === "offline" ? 1 : 0);
    return [...this.agents.values()].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)));
  }

  // After a reconnection the server tells all that is live, then echoes the heartbeat;
  // what it did not name until then has ended meanwhile.
  #distrust() {
    this.#unconfirmed = new Set([...this.commands.values()].filter((command) => live.has(command.status)).map((command) => command.id));
  }

  #settle() {
    for (const id of this.#unconfirmed) {
      const command = this.commands.get(id);
      if (command !== undefined && live.has(command.status)) this.#end(command, "unseen");
    }
    this.#unconfirmed.clear();
  }

  #replaceAgents(agents) {
    this.hasAgents = true;
    const listed = new Set(agents.map((agent) => agent.agentId));
    for (const id of this.agents.keys()) if (!listed.has(id)) this.agents.delete(id);
    for (const agent of agents) this.#putAgent(agent);
  }

  #putAgent(agent) {
    if (typeof agent.agentId !== "string") return;
    this.agents.set(agent.agentId, { ...this.agents.get(agent.agentId), ...agent });
  }

  #putQueue({ agentId, queue }) {
    const waiting = new Set();
    for (const entry of queue ?? []) {
      const command = this.#command(entry.commandId, agentId);
      waiting.add(entry.commandId);
      this.#unconfirmed.delete(entry.commandId);
      const { command: line, priority, position, requestedBy, requestedAt } = entry;
      Object.assign(command, { line, priority, position, requestedBy, requestedAt });
    }
    for (const command of this.commands.values()) {
      if (command.agentId === agentId && !waiting.has(command.id)) command.position = undefined;
    }
  }

  #putStatus(payload, timestamp) {
    this.#unconfirmed.delete(payload.commandId);
    const command = this.#command(payload.commandId, payload.agentId);
    this.#adoptRequest(command, payload.requestId);
    const before = command.status;
    if (payload.command !== undefined) command.line = payload.command;
    for (const name of ["priority", "requestedBy", "requestedAt", "startedAt", "exitCode", "signal", "error", "executionTime"]) {
      if (payload[name] !== undefined && payload[name] !== null) command[name] = payload[name];
    }
    if (payload.status === "running" && before !== "running") command.startedAt ??= timestamp ?? this.now();
    if (live.has(payload.status)) command.status = payload.status;
    else this.#end(command, payload.status);
    return before === command.status || live.has(command.status) ? null : command;
  }

  #putOutput({ commandId, agentId, stream, data, sequence, gap }) {
    const isNews = !this.commands.has(commandId);
    const command = this.#command(commandId, agentId);
    if (isNews) command.status = "running";
    if (gap) command.output.skip(String(data ?? ""), gap.nextSequence);
    else command.output.append(stream, String(data ?? ""), sequence);
  }

  // The answer to our own request: the command we showed under the request's id gets its real id.
  #adoptRequest(command, requestId) {
    const sent = requestId === undefined ? undefined : this.commands.get(requestId);
    if (sent === undefined) return;
    this.commands.delete(requestId);
    command.line ??= sent.line;
    command.priority ??= sent.priority;
    command.requestId = requestId;
  }

  #command(id, agentId) {
    let command = this.commands.get(id);
    if (command === undefined) {
      command = emptyCommand(id, agentId);
      this.commands.set(id, command);
    }
    command.agentId ??= agentId;
    return command;
  }

  #end(command, status) {
    if (command.status === "unseen") command.status = status;
    if (!live.has(command.status)) return;
    command.status = status;
    command.position = undefined;
    // Order of the map is order of ending, so that forgetting takes the oldest.
    this.commands.delete(command.id);
    this.commands.set(command.id, command);
    const ended = [...this.commands.values()].filter((known) => !live.has(known.status));
    for (const old of ended.slice(0, -rememberedEnds)) this.commands.delete(old.id);
    for (const old of ended.slice(0, -rememberedOutputs)) {
      if (old.output.lines.length > 0) old.output = new Output();
    }
  }
}

/** The name to show for an agent. */
export function nameOf(agent) {
  return agent.name || agent.agentId;
}

function emptyCommand(id, agentId) {
  return { id, agentId, status: "queued", output: new Output() };
}

function byPosition(a, b) {
  return (a.position ?? Infinity) - (b.position ?? Infinity);
}
