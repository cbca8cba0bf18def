// Agents without processes: each has a real link to the server, takes its orders and does as if it worked.

/** How the agents of a trace behave. */
export interface Pace {
  readonly agents: number;
  /** Every agent begins a command so often. */
  readonly everyMs: number;
  /** And works on it for so long. */
  readonly worksForMs: number;
}

/** How it went up to now. */
export interface Work {
  begun: number;
  refused: number;
}

const STDOUT = 1;
const HEADER_BYTES = 29;
const AT_ONCE = 50;

/** Agents that are linked, and work until they are let go. */
export class FakeAgents {
  readonly work: Work = { begun: 0, refused: 0 };
  readonly #links: FakeAgent[] = [];
  #clock: NodeJS.Timeout | undefined;

  constructor(
    private readonly server: string,
    private readonly token: string,
    private readonly pace: Pace,
  ) {}

  /** Links all of them. */
  async link(): Promise<void> {
    for (let first = 0; first < this.pace.agents; first += AT_ONCE) {
      const count = Math.min(AT_ONCE, this.pace.agents - first);
      const some = Array.from({ length: count }, (_, index) => this.#agent(first + index));
      await Promise.all(some.map((agent) => agent.linked));
      this.#links.push(...some);
    }
  }

  #agent(index: number): FakeAgent {
    const id = `fleet-${String(index + 1).padStart(4, "0")}`;
    return new FakeAgent(this.server, this.token, id, this.pace.worksForMs);
  }

  /** Has a command run on each of them, evenly spread over the interval, again and again. */
  begin(): void {
    const startedAt = performance.now();
    let asked = 0;
    this.#clock = setInterval(() => {
      const due = ((performance.now() - startedAt) / this.pace.everyMs) * this.pace.agents;
      for (; asked < due; asked += 1) {
        // A connection that the server closed while it was taken up again is one command less.
        this.#ask(asked).catch(() => {
          this.work.refused += 1;
        });
      }
    }, 20);
  }

  async #ask(count: number): Promise<void> {
    const agent = this.#links[count % this.#links.length];
    if (agent === undefined) return;
    const isTaken = await this.#command(agent.id, `make target-${count}`).catch(() => false);
    if (isTaken) this.work.begun += 1;
    else this.work.refused += 1;
  }

  async #command(agentId: string, command: string): Promise<boolean> {
    const answer = await fetch(`${this.server}/api/v1/commands`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: JSON.stringify({ agentId, command }),
    });
    await answer.arrayBuffer();
    return answer.ok;
  }

  /** Ends the work and the links. */
  letGo(): void {
    clearInterval(this.#clock);
    for (const link of this.#links) link.cut();
  }
}

interface Order {
  readonly type: string;
  readonly command?: string;
  readonly heartbeatInterval?: number;
}

class FakeAgent {
  readonly linked: Promise<void>;
  readonly #socket: WebSocket;
  #lanes = 0;
  #heart: NodeJS.Timeout | undefined;

  constructor(
    server: string,
    token: string,
    readonly id: string,
    private readonly worksForMs: number,
  ) {
    this.#socket = new WebSocket(`${server.replace("http", "ws")}/ws/agent?token=${token}`);
    this.linked = new Promise((resolve, reject) => {
      this.#socket.addEventListener("open", () => this.#hello());
      this.#socket.addEventListener("close", ({ code, reason }) =>
        reject(new Error(`the link of ${id} ended: ${code} ${reason}`)),
      );
      this.#socket.addEventListener("message", ({ data }) => {
        const order: Order = JSON.parse(String(data));
        if (order.type === "welcome") {
          this.#live(order.heartbeatInterval ?? 20_000);
          resolve();
        }
        if (order.type === "start" && order.command !== undefined) this.#start(order.command);
      });
    });
  }

  cut(): void {
    clearInterval(this.#heart);
    this.#socket.close();
  }

  #hello(): void {
    const profile = {
      name: this.id,
      agentType: "shell",
      version: "0.1.0",
      platform: "linux-x86_64",
      host: `${this.id}.fleet`,
      capabilities: ["commands"],
    };
    const first = { type: "hello", version: 2, oldest: 2, features: [], commands: [] };
    this.#say({ ...first, agent: this.id, incarnation: "i-1", profile });
  }

  #live(intervalMs: number): void {
    this.#heart = setInterval(() => this.#say({ type: "heartbeat" }), intervalMs);
  }

  #start(command: string): void {
    this.#lanes += 1;
    const startedAt = Date.now();
    this.#say({ type: "started", command, at: startedAt });
    const stream = { kind: "command", id: command, epoch: 0 };
    this.#say({ type: "lane", lane: this.#lanes, stream, position: 0, sequence: 1 });
    this.#socket.send(record(this.#lanes, `\u001b[32mok\u001b[0m ${this.id} does ${command}\n`));
    setTimeout(() => {
      const ranFor = Date.now() - startedAt;
      this.#say({
        type: "ended",
        command,
        outcome: "exited",
        code: 0,
        endedAt: Date.now(),
        ranFor,
      });
    }, this.worksForMs);
  }

  #say(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** The first record of a command's log. */
function record(lane: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const whole = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, lane, true);
  view.setUint8(4, STDOUT);
  view.setUint32(5, 0, true);
  view.setBigUint64(9, 0n, true);
  view.setBigUint64(17, 1n, true);
  view.setUint32(25, bytes.length, true);
  whole.set(bytes, HEADER_BYTES);
  return whole;
}
