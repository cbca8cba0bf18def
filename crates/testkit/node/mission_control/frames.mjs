// A client that says all that a WebSocket client can say; nothing of it means anything here.
import WebSocket from "ws";
import { say } from "./say.mjs";

const ws = new WebSocket(`${process.argv[2]}?token=${process.argv[3]}`);
ws.on("open", () => {
  say("open");
  const texts = ["", "null", "[]", "{", "x".repeat(60_000), '{"type":"heartbeat","payload":{}}', '{"type":"agent:status"}'];
  for (const text of texts) ws.send(text);
  for (const bytes of [Buffer.alloc(0), Buffer.from([0xff, 0x00]), Buffer.alloc(60_000)]) ws.send(bytes);
  ws.send("in ", { fin: false });
  ws.send("three ", { fin: false });
  ws.send("parts");
  ws.pong("unasked");
  ws.ping("still there?");
});
ws.on("pong", (data) => say("pong", { text: data.toString() }));
ws.on("message", (data) => say("message", { message: JSON.parse(data) }));
ws.on("close", (code) => say("close", { code }));
ws.on("error", (error) => say("error", { error: error.message }));
