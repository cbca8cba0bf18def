// Shows who is there, then every change and the last line of whatever prints, until it is told to stop.
import { MissionControlClient } from "pilothouse-client";

// The global WebSocket: browsers have it, and Node from 22 on (20 with --experimental-websocket).
const mission = new MissionControlClient({
  server: process.env.SERVER ?? "http://127.0.0.1:7717",
  token: process.env.TOKEN,
});
mission.on("agents", (agents) => {
  for (const { id, status } of agents) console.log(`${id} is ${status}`);
});
mission.on("agent", ({ agentId, status }) => console.log(`${agentId} is ${status} now`));
mission.on("activity", ({ agentId, lastMessage }) => console.log(`${agentId}: ${lastMessage}`));
mission.on("reconnecting", ({ waitMs, reason }) => console.log(`${reason}; again in ${waitMs} ms`));
// After five attempts it is over, as the protocol has it; `mission.reconnect()` would begin anew.
mission.on("closed", (error) => console.error(error.message));

process.once("SIGTERM", () => mission.dispose());
await mission.connect();
