// Mission control's client for browsers, as its documentation has it: the token in the address.
import WebSocket from "ws";
import { say } from "./say.mjs";

const token = process.argv[3];
const ws = new WebSocket(`${process.argv[2]}?token=${token}`);

ws.onopen = () => {
  say("open");
  // Nothing that a client says means anything, and nothing of it ends the connection.
  for (const text of ['{"type":"subscribe"}', "not JSON {", '{"type":"heartbeat","payload":{}}']) ws.send(text);
  ws.send(Buffer.from([0xff, 0x00]));
};

ws.onmessage = (event) => {
  const message = JSON.parse(event.data);

  switch (message.type) {
    case "agent:status":
      say("status", { text: `Agent ${message.payload.agentId} is now ${message.payload.status}` });
      break;

    case "session:activity":
      say("activity", { text: message.payload.lastMessage });
      break;

    case "heartbeat":
      say("heartbeat", { timestamp: message.payload.timestamp });
      break;
  }
};

ws.onclose = (event) => {
  say("close", { code: event.code, reason: event.reason });
};

ws.onerror = (error) => {
  say("error", { error: error.message });
};
