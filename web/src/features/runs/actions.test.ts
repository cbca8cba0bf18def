import { expect, it } from "vitest";
import { actionWords, targetOf } from "./actions";

it.each([
  [{ type: "navigate", url: "https://shop.test/" }, "Go to https://shop.test/"],
  [{ type: "goto", url: "https://shop.test/" }, "Go to https://shop.test/"],
  [{ type: "search", query: "red shoes" }, "Search for “red shoes”"],
  [{ type: "click", selector: "#buy", role: "button", name: "Buy" }, "Click button “Buy”"],
  [{ type: "click", selector: "#buy" }, "Click #buy"],
  [{ type: "handle_click", identifier: "Buy" }, "Click “Buy”"],
  [{ type: "handle_click", text: "Buy" }, "Click “Buy”"],
  [{ type: "type", role: "textbox", name: "Name", text: "Ann" }, "Type “Ann” into textbox “Name”"],
  [{ command: "typeAndEnter", selector: "#q", value: "tea" }, "Type “tea” into #q, then Enter"],
  [{ type: "select", name: "Size", value: "42" }, "Choose “42” in “Size”"],
  [{ type: "scroll" }, "Scroll down"],
  [{ type: "scroll", direction: "up", selector: "main" }, "Scroll up in main"],
  [{ type: "back" }, "Go back"],
  [{ type: "wait", ms: 500 }, "Wait 500 ms"],
  [{ type: "wait", role: "dialog" }, "Wait for dialog"],
  [{ type: "wait", text: "Thank you" }, "Wait for “Thank you”"],
  [{ type: "wait" }, "Wait until the page is calm"],
  [{ type: "extract", what: "the price" }, "Read the price"],
  [
    { type: "upload", selector: "#file", files: ["a.pdf", "b.pdf"] },
    "Upload a.pdf, b.pdf to #file",
  ],
  [{ type: "openTab", url: "https://a.test" }, "Open a tab at https://a.test"],
  [{ type: "switchTab", tab: 2 }, "Change to tab 2"],
  [{ type: "closeTab" }, "Close the tab"],
  [{ type: "ask", question: "Which size?" }, "Ask “Which size?”"],
  [{ type: "done", answer: "42" }, "Done"],
  [{ type: "solveCaptcha" }, "solveCaptcha"],
  [{ type: "toString" }, "toString"],
  [{}, "Something"],
])("%j is said as %s", (action, words) => {
  expect(actionWords(action)).toBe(words);
});

it("a target is called as people call it", () => {
  expect(targetOf({ selector: "#a", name: "Go" })).toBe("“Go”");
  expect(targetOf({ selector: "", role: "link" })).toBe("link");
  expect(targetOf({})).toBeUndefined();
});
