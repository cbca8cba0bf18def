// Reads a script that somebody wrote: JSON, actions in order. Says what is wrong with which of them. Pure.

import type { RunAction } from "pilothouse-client";
import { OTHER_WORDS, wordOf } from "@/features/runs/actions";

/** What came of it. */
export type ReadScript =
  | { readonly script: RunAction[] }
  | { readonly problems: readonly string[] };

/** More than these are not told at once. */
const MOST_PROBLEMS = 5;
const MOST_BYTES = 256 * 1024;
const MOST_FILES = 32;
const MOST_WAIT_MS = 600_000;

type Check = (action: RunAction) => string | undefined;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const needs =
  (what: string, ...names: readonly string[]): Check =>
  (action) =>
    names.some((name) => isText(action[name])) ? undefined : `needs ${what}`;

/** How actions say what they are about; older words for it, too. */
const TARGET = ["selector", "role", "name", "identifier", "placeholder_value"];
const target = needs("a target: `role` and `name`, or `selector`", ...TARGET);
/** What is typed may also be nothing: that empties a field. */
const text: Check = ({ text: typed, value }) =>
  [typed, value].some((one) => typeof one === "string") ? undefined : "needs `text`";

const DIRECTIONS = ["up", "down", "left", "right"];

const each =
  (...checks: readonly Check[]): Check =>
  (action) =>
    checks.map((check) => check(action)).find((problem) => problem !== undefined);

const CHECKS: Readonly<Record<string, Check>> = {
  navigate: needs("`url`", "url"),
  search: needs("`query`", "query"),
  click: needs("a target: `role` and `name`, or `selector`", ...TARGET, "text"),
  type: each(target, text),
  typeAndEnter: each(target, text),
  select: each(target, needs("`value`", "value")),
  scroll: ({ direction }) =>
    direction === undefined || DIRECTIONS.some((one) => one === direction)
      ? undefined
      : "goes `up`, `down`, `left` or `right`",
  back: () => undefined,
  wait: ({ ms }) =>
    ms === undefined || (typeof ms === "number" && ms >= 0 && ms <= MOST_WAIT_MS)
      ? undefined
      : `waits 0 to ${MOST_WAIT_MS} \`ms\``,
  extract: () => undefined,
  screenshot: () => undefined,
  upload: each(target, ({ files }) =>
    Array.isArray(files) && files.length > 0 && files.length <= MOST_FILES && files.every(isText)
      ? undefined
      : `needs \`files\`, a list of 1 to ${MOST_FILES} names`,
  ),
  openTab: () => undefined,
  switchTab: ({ tab }) => (isText(tab) || typeof tab === "number" ? undefined : "needs `tab`"),
  closeTab: () => undefined,
  done: () => undefined,
  ask: needs("`question`", "question"),
};

/** The words that an action can have. */
export const ACTION_WORDS: readonly string[] = Object.keys(CHECKS);

const isObject = (value: unknown): value is RunAction =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function problemOf(action: unknown, index: number): string | undefined {
  const name = `Action ${index + 1}`;
  if (!isObject(action)) return `${name} is no object.`;
  const word = wordOf(action);
  if (word === "") return `${name} has no \`type\`.`;
  const check = Object.hasOwn(CHECKS, word) ? CHECKS[word] : undefined;
  if (check === undefined) return `${name}: there is no action “${word}”.`;
  const problem = check(action);
  return problem === undefined ? undefined : `${name}, ${saidWord(action)}, ${problem}.`;
}

const saidWord = (action: RunAction): string => {
  const said = String(action.type ?? action.command);
  return Object.hasOwn(OTHER_WORDS, said) ? said : wordOf(action);
};

/** See the top of the file. */
export function readScript(written: string): ReadScript {
  if (written.trim() === "") return { problems: ["Write at least one action."] };
  if (new TextEncoder().encode(written).length > MOST_BYTES) {
    return { problems: ["A script has at most 256 KB."] };
  }
  let read: unknown;
  try {
    read = JSON.parse(written);
  } catch (error) {
    return { problems: [`This is no JSON: ${error instanceof Error ? error.message : error}`] };
  }
  if (!Array.isArray(read)) return { problems: ["A script is a list of actions: […]"] };
  if (read.length === 0) return { problems: ["Write at least one action."] };
  const actions: readonly unknown[] = read;
  const problems = actions.map(problemOf).filter((problem) => problem !== undefined);
  if (problems.length > MOST_PROBLEMS) {
    const more = problems.length - MOST_PROBLEMS;
    return { problems: [...problems.slice(0, MOST_PROBLEMS), `And ${more} more.`] };
  }
  return problems.length > 0 ? { problems } : { script: actions.filter(isObject) };
}
