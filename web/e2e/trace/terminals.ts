// Terminals of a real agent: many that are listed, and a few that are flooded by what runs in them.
import type { RestClient } from "pilothouse-client";
import { typeInto } from "../harness/typing";

const SESSIONS = 20;
const AT_ONCE = 8;

/** What floods a terminal, each another kind of load for whoever draws it. Printing costs these shells nothing. */
const FLOODS: readonly string[] = [
  "yes",
  "yes $(head -c 300 /dev/zero | tr '\\0' x)",
  "seq 1 1000000000",
  "seq -f '%.0f: every line has a number, and some words behind it' 1 1000000000",
  'yes "$(for c in $(seq 16 231); do printf "\\033[38;5;%sm%s " $c colour; done)"',
  'yes "$(for c in $(seq 16 231); do printf "\\033[48;5;%sm \\033[0m" $c; done)"',
  'yes "$(for n in $(seq 1 99); do printf "\\033[%d;%dH\\033[7m%d\\033[0m" $((n % 30 + 1)) $((n * 7 % 90 + 1)) $n; done)"',
  'yes "$(for n in $(seq 1 20); do printf "ünïcödé 日本語 😀 %d; " $n; done)"',
];

/** One terminal. */
export interface Terminal {
  readonly sessionId: string;
  readonly workerId: string;
}

/** Makes terminals, spread over sessions of an agent, in a directory. */
export async function openTerminals(
  rest: RestClient,
  agentId: string,
  directory: string,
  count: number,
): Promise<readonly Terminal[]> {
  const terminals: Terminal[] = [];
  for (let session = 0; session < SESSIONS; session += 1) {
    const title = `Trace ${session + 1}`;
    const body = { type: "quick", agentId, locationPath: directory, title };
    const { id } = await rest.call("POST /api/v1/sessions", { body });
    const here = Math.ceil((count - terminals.length) / (SESSIONS - session));
    for (let first = 0; first < here; first += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, here - first) }, () =>
        rest.call("POST /api/v1/sessions/{session}/workers", {
          path: { session: id },
          body: { type: "terminal" },
        }),
      );
      for (const worker of await Promise.all(some)) {
        terminals.push({ sessionId: id, workerId: worker.id });
      }
    }
  }
  return terminals;
}

/** Types a flood into each of these terminals, each another one. */
export async function flood(server: string, token: string, terminals: readonly Terminal[]) {
  for (const [index, terminal] of terminals.entries()) {
    await typeInto({ server, token, ...terminal }, FLOODS[index % FLOODS.length] ?? "yes");
  }
}
