// The viewer of seed 000's front end, as it was written: JSON of text messages, drawn on a canvas and set as an image.
import { launch } from "./chromium.mjs";

const [origin, url] = process.argv.slice(2);
const say = (what, rest = {}) => console.log(JSON.stringify({ what, ...rest }));
const browser = await launch();
const page = await browser.newPage();
page.on("pageerror", (error) => say("error", { error: error.message }));
await page.exposeFunction("say", say);
await page.goto(origin);
await page.evaluate((url) => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const shown = document.body.appendChild(document.createElement("img"));
  const ws = new WebSocket(url);
  ws.onopen = () => window.say("open");
  ws.onclose = (event) => window.say("error", { error: `closed with ${event.code}` });
  ws.onmessage = (event) => {
    const data = JSON.parse(event.data);
    if (data.type !== "frame" || !data.data) return window.say("error", { error: `a ${data.type} came` });
    const img = new Image();
    img.onload = async () => {
      canvas.width = img.width;
      canvas.height = img.height;
      canvas.getContext("2d").drawImage(img, 0, 0);
      shown.src = img.src;
      await shown.decode();
      const image = [shown.naturalWidth, shown.naturalHeight];
      const age = Date.now() - data.timestamp * 1000;
      const size = data.data.length;
      window.say("drawn", { fields: Object.keys(data).sort(), width: canvas.width, height: canvas.height, image, age, size });
    };
    img.onerror = () => window.say("error", { error: "the picture cannot be drawn" });
    img.src = `data:image/jpeg;base64,${data.data}`;
  };
}, url);
process.stdin.resume();
process.stdin.on("end", () => browser.close());
