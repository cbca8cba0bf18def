// A service on npm's `ws`: shows its token, subscribes, and tells what it hears.
import WebSocket from "ws";
import { say } from "../mission_control/say.mjs";

const [address, sessionToken, agentId, session] = process.argv.slice(2);
const ws = new WebSocket(address);
const send = (message) => ws.send(JSON.stringify({ ...message, timestamp: new Date().toISOString() }));
ws.on("open", () => {
  say("open");
  send({ type: "AUTHENTICATE", sessionToken, agentId, messageId: "auth-1" });
});
ws.on("message", (data, isBinary) => {
  const message = JSON.parse(data);
  say(message.type, { message, isBinary });
  if (message.type === "AUTHENTICATED") {
    send({ type: "SUBSCRIBE", subscriptionType: "SESSION", targetId: session, messageId: "sub-1" });
    send({ type: "PING", messageId: "ping-1" });
  }
  if (message.type === "BATCH") {
    for (const one of message.messages) say(one.type, { message: one, isBinary });
  }
});
ws.on("error", (error) => say("error", { error: error.message }));
ws.on("close", (code, reason) => say("close", { code, reason: reason.toString() }));
process.stdin.on("data", () => {}).on("end", () => ws.close());
