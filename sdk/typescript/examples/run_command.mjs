// Runs a command on the first agent that can, shows what it prints, and exits with its code.
import { DashboardClient } from "pilothouse-client";
import { WebSocket } from "ws"; // Node 22 and browsers have one of their own: leave out `openSocket` there.

const dashboard = new DashboardClient({
  server: process.env.SERVER ?? "http://127.0.0.1:7717",
  token: process.env.TOKEN,
  openSocket: (url, protocols, headers) => new WebSocket(url, protocols, { headers }),
});
dashboard.on("state", (state) => console.error(state));

// The first list of agents comes right after the connection.
const agents = await new Promise((resolve, reject) => {
  dashboard.on("agents", resolve);
  dashboard.connect().catch(reject);
});
const agent = agents.find((one) => one.status === "online");
if (agent === undefined) throw new Error("no agent is online");

const command = await dashboard.start(agent.agentId, process.argv[2] ?? "echo hello; exit 3");
for await (const piece of command) {
  process.stdout.write(piece.kind === "output" ? piece.data : `[${piece.reason}]\n`);
}
process.exitCode = await command.exitCode;
dashboard.dispose();
