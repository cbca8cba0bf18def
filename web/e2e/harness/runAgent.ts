// An agent that is played: it takes runs, and takes the steps and asks the questions that a test has it.
import { png } from "./producer";
import type { Program } from "./program";

interface Order {
  readonly type: string;
  readonly run?: string;
  readonly task?: string;
  readonly heartbeatInterval?: number;
}

/** See the top of the file. */
export class RunAgent {
  readonly #orders: Order[] = [];
  readonly #taken = new Map<string, number>();
  #look = () => {};
  #heart: NodeJS.Timeout | undefined;

  private constructor(
    readonly id: string,
    private readonly socket: WebSocket,
  ) {}

  /** Links it; resolves when the server sees it. */
  static async link(program: Program, id: string, name = id): Promise<RunAgent> {
    const token = (await program.pilothouse("token", "--agent", id)).trim();
    const socket = new WebSocket(`${program.url.replace("http", "ws")}/ws/agent?token=${token}`);
    const agent = new RunAgent(id, socket);
    const welcome = agent.ordered("welcome");
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") agent.#take(JSON.parse(data));
    });
    socket.addEventListener("open", () => agent.#hello(name));
    const { heartbeatInterval = 20_000 } = await welcome;
    agent.#heart = setInterval(() => agent.#say({ type: "heartbeat" }), heartbeatInterval);
    await program.linked(id);
    return agent;
  }

  /** Resolves with the first order of a type, such as `startRun`; of one run if it is named. */
  ordered(type: string, run?: string): Promise<Order> {
    return new Promise((resolve) => {
      const before = this.#look;
      const look = () => {
        const found = this.#orders.find(
          (order) => order.type === type && (run === undefined || order.run === run),
        );
        if (found !== undefined) resolve(found);
      };
      this.#look = () => {
        before();
        look();
      };
      look();
    });
  }

  /** Is at a run. */
  begin(run: string): void {
    this.#say({ type: "runBegan", run });
  }

  /** Takes a step, after which the page has one colour. */
  step(
    run: string,
    action: Readonly<Record<string, unknown>>,
    explanation: string,
    colour: readonly [number, number, number],
  ): void {
    const number = (this.#taken.get(run) ?? 0) + 1;
    this.#taken.set(run, number);
    const screenshot = png(640, 400, colour).toString("base64");
    this.#say({ type: "runStep", run, number, action, explanation, screenshot });
  }

  /** Ends a run, as `runEnded` says it. */
  end(run: string, ending: Readonly<Record<string, unknown>>): void {
    this.#say({ type: "runEnded", run, ...ending });
  }

  cut(): void {
    clearInterval(this.#heart);
    this.socket.close();
  }

  #take(order: Order): void {
    this.#orders.push(order);
    this.#look();
  }

  #hello(name: string): void {
    const profile = {
      name,
      agentType: "shell",
      version: "0.1.0",
      platform: "linux-x86_64",
      host: `${this.id}.test`,
      capabilities: ["browser", "commands"],
    };
    const first = { type: "hello", version: 2, oldest: 2, features: ["runs"], commands: [] };
    this.#say({ ...first, agent: this.id, incarnation: "i-1", profile, runs: [] });
  }

  #say(message: object): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
