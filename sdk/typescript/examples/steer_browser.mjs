// Opens a browser in a session, clicks in it once it shows something, and keeps the picture that follows.
import { writeFile } from "node:fs/promises";
import { setTimeout as later } from "node:timers/promises";
import { LiveClient, RestClient } from "pilothouse-client";
import { WebSocket } from "ws";

const server = process.env.SERVER ?? "http://127.0.0.1:7717";
const token = process.env.TOKEN;
const rest = new RestClient({ server, token });

const { session } = await rest.call("POST /api/sessions", {
  body: { type: "quick", locationPath: "~/" },
});
const path = { session: session.id };
const url = process.argv[2] ?? "https://example.com/";
await rest.call("POST /api/v1/sessions/{session}/browser", { path, body: { url } });

const live = new LiveClient({
  server,
  token,
  sessionId: session.id,
  maxFps: 10,
  openSocket: (address, protocols) => new WebSocket(address, protocols),
});
live.on("status", ({ live: isLive, reason, title }) => console.log(isLive ? title : reason));
live.on("stale", (stale) => stale && console.error(`what is shown is old: ${stale.reason}`));
live.on("refused", ({ code, message }) => console.error(`${code}: ${message}`));

// Resolves with the first of these for which `isIt` holds.
const next = (name, isIt) =>
  new Promise((resolve) => {
    const off = live.on(name, (event) => {
      if (!isIt(event)) return;
      off();
      resolve(event);
    });
  });

const steering = next("control", ({ you }) => you);
const first = next("picture", ({ metadata }) => metadata !== undefined);
await live.connect();
live.requestControl(); // At once if nobody steers; otherwise whoever does is asked.
await steering;

// Places are CSS pixels of the page in the picture; the middle of it here.
const picture = await first;
const { deviceWidth, deviceHeight } = picture.metadata;
const clicked = next("picture", ({ seq }) => seq > picture.seq);
live.click(deviceWidth / 2, deviceHeight / 2, picture);
// A page that does not change has no further picture: what is there is how it looks.
const { bytes, mime } = await Promise.race([clicked, later(3000).then(() => live.picture)]);
await writeFile(process.argv[3] ?? "clicked.jpg", bytes);
console.log(`${bytes.length} bytes of ${mime}`);

live.releaseControl();
live.dispose();
await rest.call("DELETE /api/v1/sessions/{session}/browser", { path });
await rest.call("DELETE /api/sessions/{session}", { path });
