// The harness itself: it notices what goes wrong on a page, so that tests that pass say something.
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll } from "vitest";
import { Complaints } from "./complaints";
import { beginMeasuring, memory, takeMeasured } from "./measure";
import { axe, expect, test } from "./test";

const PAGES: Readonly<Record<string, string>> = {
  "/": `<!doctype html><html lang="en"><title>Quiet</title><main><h1>Quiet</h1></main>`,
  "/loud": `<!doctype html><html lang="en"><title>Loud</title><main><h1>Loud</h1><button></button></main>
    <script src="/loud.js"></script><script>never()</script><img alt="" src="http://elsewhere.invalid/a.png">`,
  "/loud.js": `console.error("as it was said"); fetch("/missing"); new WebSocket("ws://127.0.0.1:1/ws");
    setTimeout(() => { throw new Error("as it was thrown") });`,
};

let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer(({ url = "/" }, response) => {
    const page = PAGES[url];
    const type = url.endsWith(".js") ? "text/javascript" : "text/html";
    const policy = "default-src 'self'; img-src *; connect-src *";
    response.writeHead(page === undefined ? 404 : 200, {
      "content-type": type,
      "content-security-policy": policy,
    });
    response.end(page);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const place = server.address();
  if (place === null || typeof place === "string") throw new Error("it listens nowhere");
  address = `127.0.0.1:${place.port}`;
});

afterAll(() => server.close());

test("what goes wrong on a page is told, each thing once", async ({ browser }) => {
  const complaints = new Complaints();
  const context = await browser.newContext();
  complaints.listen(context, address);
  const page = await context.newPage();
  await page.goto(`http://${address}/loud`);
  const kinds = () =>
    complaints.unexpected.map((one) => one.replace(/\s+/g, " ").slice(0, 60)).toSorted();
  await expect
    .poll(kinds)
    .toEqual([
      "answer 404: GET /missing",
      expect.stringMatching(/^console error: Executing inline script violates/),
      expect.stringMatching(/^console error: WebSocket connection to 'ws:\/\/127/),
      `console error: as it was said (http://${address}/loud.js)`.slice(0, 60),
      expect.stringMatching(/^page error: Error: as it was thrown/),
      "request failed: GET /a.png (net::ERR_NAME_NOT_RESOLVED)",
      "request to another host: http://elsewhere.invalid/a.png",
      "request to another host: ws://127.0.0.1:1/ws",
    ]);
  await context.close();
});

test("what a test announces is not held against it, unless it does not happen", async ({
  browser,
}) => {
  const complaints = new Complaints();
  complaints.tolerate(/./);
  complaints.announce(/answer 418/);
  const context = await browser.newContext();
  complaints.listen(context, address);
  const page = await context.newPage();
  await page.goto(`http://${address}/loud`);
  expect(complaints.unexpected).toEqual(["announced, but did not happen: /answer 418/"]);
  await context.close();
});

test("axe speaks in sentences, under a policy that forbids scripts of others", async ({
  browser,
}) => {
  const page = await browser.newPage();
  await page.goto(`http://${address}/loud`);
  expect(await axe(page)).toEqual([
    expect.stringMatching(
      /^critical: Buttons must have discernible text \(button-name\) at button/,
    ),
  ]);
  await page.goto(`http://${address}/`);
  expect(await axe(page)).toEqual([]);
  await page.close();
});

test("long tasks and memory are seen", async ({ browser }) => {
  const page = await browser.newPage();
  await page.goto(`http://${address}/`);
  await beginMeasuring(page);
  const before = await memory(page);
  await page.evaluate(() => {
    // A task of the page's own; what is evaluated from outside is none.
    setTimeout(() => {
      const until = performance.now() + 120;
      while (performance.now() < until);
    });
    const kept = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
    Object.assign(window, { kept });
  });
  await expect
    .poll(async () => (await takeMeasured(page)).longTasks.some((ms) => ms >= 120))
    .toBe(true);
  const after = await memory(page);
  expect(after.heapBytes - before.heapBytes).toBeGreaterThan(8_000_000);
  await page.close();
});
