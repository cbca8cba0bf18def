// A front end on socket.io-client: shows its token, subscribes, joins its session, and tells what it hears.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { say } from "../mission_control/say.mjs";

const [address, transports, sessionToken, agentId, session, base = "", certificate] = process.argv.slice(2);
const socket = io(address, {
  path: `${base}/ws/socket.io/`,
  transports: transports.split(","),
  reconnectionDelay: 100,
  reconnectionDelayMax: 300,
  ...(certificate && { ca: readFileSync(certificate) }),
});
const send = (message) => socket.emit("message", message);
// Between that and `connect` it may be upgraded already.
socket.io.on("open", () => {
  say("open", { transport: socket.io.engine.transport.name });
  socket.io.engine.on("upgrade", (transport) => say("upgrade", { transport: transport.name }));
});
socket.on("connect", () => {
  say("connect", { transport: socket.io.engine.transport.name });
  // Before a token nobody may listen.
  socket.emit("join", { room: `session:${session}` });
  send({ type: "PING" });
  socket.emit("message", JSON.stringify({ type: "AUTHENTICATE", sessionToken, agentId }));
});
socket.on("message", (message) => {
  say(message.type, { message });
  if (message.type === "AUTHENTICATED") {
    send({ type: "SUBSCRIBE", subscriptionType: "SESSION", targetId: session });
    socket.emit("join", { room: `session:${session}` });
  }
  if (message.type === "SUBSCRIBED") socket.emit("automation:result", { status: "success", from: transports });
  if (message.type === "BATCH") for (const one of message.messages) say(one.type, { message: one });
});
for (const event of ["automationStatus", "automationUpdate", "automation:update", "automation:start"]) {
  socket.on(event, (payload) => say(event, { payload }));
}
socket.on("connect_error", (error) => say("connect_error", { error: error.message }));
socket.on("disconnect", (reason) => say("disconnect", { reason }));
// What it is told: to read nothing more, to go on, or to ask whether all that was sent before has come.
const told = { pause: () => wire().pause(), resume: () => wire().resume(), ping: () => send({ type: "PING" }) };
const wire = () => socket.io.engine.transport.ws._socket;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  told[line]();
  say(line);
});
lines.on("close", () => {
  socket.close();
  process.exit(0);
});
