// Somebody signs in on the page at "/", stays longer than a token counts, loads the page anew, and opens a second tab.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";

const [address, name, password] = process.argv.slice(2);
const say = (what, rest = {}) => console.log(JSON.stringify({ what, ...rest }));
const browser = await launch();
const page = await browser.newPage();
page.on("pageerror", (error) => say("error", { error: error.message }));
const sockets = [];
page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
const kept = (tab) => tab.evaluate(() => localStorage.getItem("pilothouse.entrance"));
const token = async (tab) => JSON.parse((await kept(tab)) ?? "{}").token;
const isInside = (tab) => tab.getByRole("button", { name: /sign out/ }).first().waitFor();
const hasSecrets = (tab) =>
  tab.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].includes("pilothouse.entrance"));
const nextToken = async (before) => {
  await page.waitForFunction(
    (before) => JSON.parse(localStorage.getItem("pilothouse.entrance") ?? "{}").token !== before,
    before,
  );
  return token(page);
};

await page.goto(address);
await page.getByLabel("Username or email").fill(name);
await page.getByLabel("Password").fill(password);
await page.getByLabel("Password").press("Enter");
await isInside(page);
const first = await token(page);
const second = await nextToken(first);
const dashboards = () => sockets.filter((path) => path === "/ws/dashboard").length;
const third = await nextToken(second);
const { exp } = JSON.parse(atob(second.split(".")[1]));
await page.waitForFunction((exp) => Date.now() > exp * 1000, exp);
await isInside(page);
assert.equal(dashboards(), 1, `the socket outlived its first token: ${sockets}`);
say("stayed");

// What renews a token is good once, so of two tabs only one may show it at a time.
const [other] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/"))]);
await isInside(other);
const fourth = await nextToken(third);
await nextToken(fourth);
await Promise.all([isInside(page), isInside(other)]);

await page.reload();
await isInside(page);
await nextToken(await token(page));
await isInside(page);
await page.getByRole("button", { name: /sign out/ }).first().click();
await page.getByRole("menuitem", { name: "Sign out" }).click();
for (const tab of [page, other]) {
  await tab.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.equal(await hasSecrets(tab), false);
}
say("done");
await browser.close();
