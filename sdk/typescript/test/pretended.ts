// An agent that does runs as far as a test says so, over its link alone.

import { WebSocket } from "ws";
import type { Program } from "./program.js";

/** See the top of the file. */
export class PretendedAgent {
  readonly #heard: { type?: string }[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(
    readonly id: string,
    private readonly socket: WebSocket,
  ) {
    socket.on("message", (data) => {
      this.#heard.push(JSON.parse(String(data)));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Links one that has these runs from before. */
  static async link(program: Program, id: string, runs: readonly string[] = []) {
    const token = await program.token("--agent", id);
    const socket = new WebSocket(`${program.url.replace("http", "ws")}/ws/agent?token=${token}`);
    const agent = new PretendedAgent(id, socket);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    agent.say({
      type: "hello",
      version: 2,
      agent: id,
      incarnation: "i-1",
      features: ["runs"],
      profile: { agentType: "shell", capabilities: ["browser"] },
      runs: runs.map((run) => ({ run })),
    });
    await agent.hears("welcome");
    return agent;
  }

  say(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves when the server has said something of that type; what was said before it counts no more. */
  async hears(type: string): Promise<void> {
    for (;;) {
      const place = this.#heard.findIndex((message) => message.type === type);
      if (place >= 0) {
        this.#heard.splice(0, place + 1);
        return;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Takes a step, and waits until it is stored. */
  async takes(run: string, number: number): Promise<void> {
    const action = { type: "click", selector: "#buy" };
    this.say({
      type: "runStep",
      run,
      number,
      action,
      explanation: `step ${number}`,
      screenshot: "/9j/4AEC",
    });
    await this.hears("runStored");
  }

  cut(): void {
    this.socket.terminate();
  }
}
