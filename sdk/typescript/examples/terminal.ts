// Makes a shell in a session of its own, types into it, shows it, and takes it away again.
import { RestClient, RestError, WorkerClient } from "pilothouse-client";
import { WebSocket } from "ws";

const server = process.env.SERVER ?? "http://127.0.0.1:7717";
const token = async () => process.env.TOKEN ?? ""; // Called again when a token is used up.
const rest = new RestClient({ server, token });

const { session } = await rest.call("POST /api/sessions", {
  body: { type: "quick", locationPath: "~/" },
});
const { worker } = await rest.call("POST /api/sessions/{session}/workers", {
  path: { session: session.id },
  body: { type: "terminal" },
});

const terminal = new WorkerClient({
  server,
  token,
  sessionId: session.id,
  workerId: worker.id,
  openSocket: (url, protocols) => new WebSocket(url, protocols),
});
// With xterm.js: if (replaces) xterm.reset(); xterm.write(data);
terminal.on("output", ({ data }) => process.stdout.write(data));
terminal.on("refused", ({ message }) => console.error(message));
const exit = new Promise<number>((resolve) => {
  terminal.on("exit", ({ exitCode }) => resolve(exitCode));
});

await terminal.connect();
terminal.resize(100, 30);
terminal.input("echo six times seven is $((6 * 7)); exit 7\r");
console.log(`\nthe shell exited with ${await exit}`);

terminal.dispose();
try {
  await rest.call("DELETE /api/sessions/{session}", { path: { session: session.id } });
} catch (error) {
  if (!(error instanceof RestError)) throw error;
  console.error(`${error.code}: ${error.message}`);
}
