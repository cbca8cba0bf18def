// A report of a run as one file: what it was to do, what it did step by step, with pictures. Needs nothing but a browser to
// be read, neither this server nor the network. Pure.

import type { Run, RunStep } from "pilothouse-client";
import { actionWords } from "@/features/runs/actions";
import { runName, standingOf } from "@/features/runs/standing";
import { exactSpan, moment } from "@/ui/ages";

/** Pictures by the numbers of their steps, as `data:` addresses. */
export type Pictures = ReadonlyMap<number, string>;

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that nobody's page or task can turn into markup. */
const safe = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "");

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}dt{opacity:.7}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
ol{list-style:none;padding:0}li{margin:2rem 0;border-top:1px solid #8886;padding-top:1rem}h2{font-size:1.1rem;overflow-wrap:anywhere}
img{max-width:100%;border:1px solid #8886;border-radius:6px}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}`;

function fact(name: string, value: string | null | undefined): string {
  if (value === undefined || value === null || value === "") return "";
  return `<dt>${safe(name)}</dt><dd>${safe(value)}</dd>`;
}

function took({ startedAt, endedAt }: Run): string | undefined {
  if (typeof startedAt !== "string" || typeof endedAt !== "string") return undefined;
  return exactSpan(moment(endedAt) - moment(startedAt));
}

function stepSection(step: RunStep, picture: string | undefined): string {
  const { number, action, explanation, at } = step;
  const words = actionWords(action);
  const shown =
    picture === undefined
      ? "<p>No screenshot is kept of it.</p>"
      : `<img src="${safe(picture)}" alt="${safe(`The page after step ${number}`)}">`;
  return `<li><h2>${number}. ${safe(words)}</h2>
<p><time datetime="${safe(at)}">${safe(at)}</time></p>
${explanation === "" || explanation === words ? "" : `<p>${safe(explanation)}</p>`}
${shown}
<details><summary>The action as it was done</summary><pre>${safe(JSON.stringify(action, null, 2))}</pre></details></li>`;
}

/** See the top of the file. `writtenAt` is when, in ISO 8601. */
export function reportOf(
  run: Run,
  steps: readonly RunStep[],
  pictures: Pictures,
  writtenAt: string,
): string {
  const { commands } = run;
  const facts = [
    fact("State", standingOf(run).words),
    fact("Task", run.task),
    fact("Answer", run.answer),
    fact("Why it failed", run.error),
    fact("Agent", run.agentId),
    fact("Asked by", run.requestedBy),
    fact("Asked at", run.requestedAt),
    fact("Took", took(run)),
    fact("Steps", `${run.stepCount} of at most ${run.maxSteps}`),
    fact("Run", run.id),
    fact("Written at", writtenAt),
  ];
  const replay =
    commands === undefined || commands === null || commands.length === 0
      ? ""
      : `<h2>What does the same again</h2><pre>${safe(JSON.stringify(commands, null, 2))}</pre>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${safe(runName(run))}</title><style>${STYLE}</style></head>
<body><h1>${safe(runName(run))}</h1>
<dl>${facts.join("")}</dl>
<ol>${steps.map((step) => stepSection(step, pictures.get(step.number))).join("\n")}</ol>
${replay}</body></html>
`;
}
