// Types a line into a terminal without a page, as another program does.
import { WorkerClient } from "pilothouse-client";

/** Which terminal, and as whom. */
export interface TypingPlace {
  readonly server: string;
  readonly token: string;
  readonly sessionId: string;
  readonly workerId: string;
}

/** Types a line; resolves when the terminal printed something. Takes Node's own WebSocket. */
export async function typeInto(place: TypingPlace, line: string): Promise<void> {
  const client = new WorkerClient(place);
  await client.connect();
  client.input(`${line}\r`);
  // What was typed is on its way when the terminal prints something.
  await new Promise<void>((printed) => client.on("output", () => printed()));
  client.dispose();
}
