// A client whose pongs never leave, as those of a machine that is gone.
import WebSocket from "ws";
import { say } from "./say.mjs";

const ws = new WebSocket(`${process.argv[2]}?token=${process.argv[3]}`, { autoPong: false });
ws.on("open", () => say("open"));
ws.on("ping", () => say("ping"));
ws.on("close", (code) => say("close", { code }));
ws.on("error", (error) => say("error", { error: error.message }));
