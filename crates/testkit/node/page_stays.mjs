// Somebody signs in on the page at "/", stays longer than a token counts, loads the page anew, and copies the tab.
import assert from "node:assert/strict";
import { launch } from "./chromium.mjs";

const [address, name, password] = process.argv.slice(2);
const say = (what, rest = {}) => console.log(JSON.stringify({ what, ...rest }));
const browser = await launch();
const page = await browser.newPage();
page.on("pageerror", (error) => say("error", { error: error.message }));
let sockets = 0;
page.on("websocket", () => (sockets += 1));
const token = (tab) => tab.evaluate(() => sessionStorage.getItem("pilothouse.token"));
const isOpen = (tab) => tab.waitForSelector('#link[data-state="open"]');
const nextToken = async (before) => {
  await page.waitForFunction((before) => sessionStorage.getItem("pilothouse.token") !== before, before);
  return token(page);
};

await page.goto(address);
await page.fill("#login", name);
await page.fill("#password", password);
await page.press("#password", "Enter");
await isOpen(page);
const first = await token(page);
const second = await nextToken(first);
const third = await nextToken(second);
const { exp } = JSON.parse(atob(first.split(".")[1]));
await page.waitForFunction((exp) => Date.now() > exp * 1000, exp);
await isOpen(page);
assert.equal(sockets, 1, "the socket outlived its first token");
say("stayed");

// Nothing in a copied tab is good for another token.
const [copy] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void window.open("/"))]);
await isOpen(copy);
assert.deepEqual(await copy.evaluate(() => Object.keys(sessionStorage)), ["pilothouse.token"]);
await copy.close();

await page.reload();
await isOpen(page);
const fourth = await nextToken(third);
await nextToken(fourth);
await isOpen(page);
await page.click("#forget");
await page.waitForSelector("#sign-in:not([hidden])");
assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
say("done");
await browser.close();
