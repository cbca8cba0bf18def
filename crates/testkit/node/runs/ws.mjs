// A client on npm's `ws` that waits for nothing: it says all of its messages at once, and tells what it hears.
import WebSocket from "ws";
import { say } from "../mission_control/say.mjs";

const [address, ...messages] = process.argv.slice(2);
const ws = new WebSocket(address);
ws.on("open", () => {
  for (const message of messages) ws.send(message);
});
ws.on("message", (data, isBinary) => {
  const message = JSON.parse(data);
  const size = message.screenshot ? Buffer.from(message.screenshot, "base64").length : 0;
  say(message.type, { message: { ...message, screenshot: undefined }, size, isBinary });
});
ws.on("ping", () => say("ping"));
ws.on("error", (error) => say("error", { error: error.message }));
ws.on("close", (code, reason) => say("close", { code, reason: reason.toString() }));
process.stdin.on("data", () => {}).on("end", () => ws.close());
