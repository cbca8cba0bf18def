// Mission control's reconnection strategy, as its documentation has it.
import WebSocket from "ws";
import { say } from "./say.mjs";

const token = process.argv[3];
const setTimeout = (act, delay) => {
  say("wait", { delay });
  // A test need not sit through all of it.
  globalThis.setTimeout(act, delay / Number(process.argv[4] ?? 1));
};
let reconnectAttempts = 0;
const maxReconnectAttempts = 5;
const baseDelay = 1000; // 1 second

function connect() {
  const ws = new WebSocket(`${process.argv[2]}?token=${token}`);

  ws.onopen = () => {
    say("open", { reconnectAttempts });
    reconnectAttempts = 0; // Reset on successful connection
  };

  ws.onclose = (event) => {
    say("close", { code: event.code });
    if (reconnectAttempts < maxReconnectAttempts) {
      const delay = baseDelay * Math.pow(2, reconnectAttempts);
      reconnectAttempts++;
      setTimeout(connect, delay);
    }
  };

  // Without this, npm's `ws` ends the program; browsers only log.
  ws.onerror = () => {};
}

connect();
