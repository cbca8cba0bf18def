import { expect, it } from "vitest";
import { readScript } from "./script";

const read = (script: unknown) => readScript(JSON.stringify(script));

it("every action that there is, and older words for them, are read as they are written", () => {
  const script = [
    { type: "navigate", url: "https://shop.test", explanation: "begin" },
    { type: "search", query: "tea" },
    { type: "click", role: "button", name: "Buy", nth: 1 },
    { type: "type", selector: "#name", text: "{{secret:name}}" },
    { type: "type", selector: "#name", text: "" },
    { type: "typeAndEnter", name: "Search", text: "tea" },
    { type: "select", selector: "select", value: "42" },
    { type: "scroll" },
    { type: "scroll", direction: "up", amount: 200 },
    { type: "back" },
    { type: "wait" },
    { type: "wait", ms: 200 },
    { type: "extract", what: "the price" },
    { type: "screenshot" },
    { type: "upload", selector: "#file", files: ["a.pdf"] },
    { type: "openTab" },
    { type: "switchTab", tab: 1 },
    { type: "closeTab" },
    { type: "done", answer: "it was sold out" },
    { type: "ask", question: "Which one?" },
    { command: "goto", url: "https://shop.test" },
    { type: "handle_click", text: "Buy" },
    { type: "handle_typing", placeholder_value: "Name", text: "Ann" },
    { command: "type", selector: "#q", value: "tea" },
    { type: "scroll_down" },
    { type: "handle_back" },
  ];
  expect(read(script)).toEqual({ script });
});

it.each([
  [{ type: "navigate" }, "Action 1, navigate, needs `url`."],
  [
    { type: "click", ref: "e3" },
    "Action 1, click, needs a target: `role` and `name`, or `selector`.",
  ],
  [{ type: "type", selector: "#a" }, "Action 1, type, needs `text`."],
  [{ type: "handle_typing", text: "a" }, /^Action 1, handle_typing, needs a target/],
  [{ type: "select", selector: "#a" }, "Action 1, select, needs `value`."],
  [{ type: "scroll", direction: "in" }, "Action 1, scroll, goes `up`, `down`, `left` or `right`."],
  [{ type: "wait", ms: -1 }, "Action 1, wait, waits 0 to 600000 `ms`."],
  [{ type: "upload", selector: "#a", files: [] }, /needs `files`, a list of 1 to 32 names/],
  [{ type: "switchTab" }, "Action 1, switchTab, needs `tab`."],
  [{ type: "ask" }, "Action 1, ask, needs `question`."],
  [{ type: "fly" }, "Action 1: there is no action “fly”."],
  [{ type: "constructor" }, "Action 1: there is no action “constructor”."],
  [{ url: "https://shop.test" }, "Action 1 has no `type`."],
  ["click", "Action 1 is no object."],
  [null, "Action 1 is no object."],
])("%j is refused in words", (action, words) => {
  const answer = read([action]);
  const [problem = ""] = "problems" in answer ? answer.problems : [];
  if (typeof words === "string") expect(problem).toBe(words);
  else expect(problem).toMatch(words);
});

it("what is no list of actions is refused, and of much that is wrong the beginning is told", () => {
  const first = (written: string) => {
    const answer = readScript(written);
    return "problems" in answer ? answer.problems[0] : "read";
  };
  expect(first("")).toBe("Write at least one action.");
  expect(first("[]")).toBe("Write at least one action.");
  expect(first('{"type":"back"}')).toBe("A script is a list of actions: […]");
  expect(first("[{]")).toMatch(/^This is no JSON: /);
  expect(first(JSON.stringify("x".repeat(300_000)))).toBe("A script has at most 256 KB.");
  const many = read(Array.from({ length: 8 }, () => ({})));
  expect("problems" in many && many.problems.slice(-1)).toEqual(["And 3 more."]);
});
