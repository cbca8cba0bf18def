// What a run did, or is to do, in words. Actions are objects with a `type`; what is not known is shown as it is. Pure.

import type { RunAction } from "pilothouse-client";

/** Older words for the same actions, which scripts may have. */
export const OTHER_WORDS: Readonly<Record<string, string>> = {
  goto: "navigate",
  navigation: "navigate",
  handle_url: "navigate",
  handle_search: "search",
  handle_click: "click",
  handle_typing: "type",
  handle_typing_with_enter: "typeAndEnter",
  scroll_down: "scroll",
  handle_scroll: "scroll",
  handle_back: "back",
};

/** The word of an action, as it is said now. */
export function wordOf(action: RunAction): string {
  const word = text(action.type) ?? text(action.command) ?? "";
  return (Object.hasOwn(OTHER_WORDS, word) ? OTHER_WORDS[word] : undefined) ?? word;
}

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** The first of the fields that says something. */
const first = (action: RunAction, ...names: readonly string[]): string | undefined =>
  names.map((name) => text(action[name])).find((value) => value !== undefined);

const quoted = (words: string | undefined): string | undefined =>
  words === undefined ? undefined : `“${words}”`;

/** What it is about: by what people call it before what programs do. */
export function targetOf(action: RunAction): string | undefined {
  const name = first(action, "name", "identifier", "placeholder_value");
  const role = text(action.role);
  if (name !== undefined) return role === undefined ? quoted(name) : `${role} ${quoted(name)}`;
  return first(action, "selector", "role", "ref");
}

const at = (action: RunAction, before: string): string => {
  const target = targetOf(action);
  return target === undefined ? "" : ` ${before} ${target}`;
};

const told = (action: RunAction): string => quoted(first(action, "text", "value")) ?? "something";

const WORDS: Readonly<Record<string, (action: RunAction) => string>> = {
  navigate: (action) => `Go to ${first(action, "url", "value") ?? "a page"}`,
  search: (action) => `Search for ${quoted(first(action, "query")) ?? "something"}`,
  click: (action) => `Click ${targetOf(action) ?? quoted(text(action.text)) ?? "something"}`,
  type: (action) => `Type ${told(action)}${at(action, "into")}`,
  typeAndEnter: (action) => `Type ${told(action)}${at(action, "into")}, then Enter`,
  select: (action) => `Choose ${told(action)}${at(action, "in")}`,
  scroll: (action) => `Scroll ${text(action.direction) ?? "down"}${at(action, "in")}`,
  back: () => "Go back",
  wait: (action) => {
    const ms = text(action.ms);
    if (ms !== undefined) return `Wait ${ms} ms`;
    const what = targetOf(action) ?? quoted(text(action.text));
    return what === undefined ? "Wait until the page is calm" : `Wait for ${what}`;
  },
  extract: (action) => {
    const what = first(action, "what") ?? targetOf(action) ?? "the page";
    return `Read ${what}`;
  },
  screenshot: () => "Take a screenshot",
  upload: (action) => {
    const files = Array.isArray(action.files) ? action.files.map(text).join(", ") : "files";
    return `Upload ${files}${at(action, "to")}`;
  },
  openTab: (action) => {
    const url = text(action.url);
    return url === undefined ? "Open a tab" : `Open a tab at ${url}`;
  },
  switchTab: (action) => `Change to tab ${text(action.tab) ?? ""}`.trim(),
  closeTab: (action) => `Close ${text(action.tab) === undefined ? "the tab" : `tab ${action.tab}`}`,
  done: () => "Done",
  ask: (action) => `Ask ${quoted(text(action.question)) ?? "somebody"}`,
};

/** In a few words, such as "Click button “Buy”". */
export function actionWords(action: RunAction): string {
  const word = wordOf(action);
  const words = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (words !== undefined) return words(action);
  return word === "" ? "Something" : word;
}
