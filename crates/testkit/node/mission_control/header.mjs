// Mission control's client with the token in a header field, as its documentation has it.
import WebSocket from "ws";
import { say } from "./say.mjs";

const ws = new WebSocket(process.argv[2], {
  headers: {
    Authorization: `Bearer ${process.argv[3]}`,
  },
});
ws.on("open", () => say("open"));
ws.on("message", (data) => say("message", { message: JSON.parse(data) }));
ws.on("ping", () => say("ping"));
ws.on("error", (error) => say("error", { error: error.message }));
ws.on("close", (code, reason) => say("close", { code, reason: reason.toString() }));
