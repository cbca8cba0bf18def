// What axe finds on a page, in words.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AxeResults, ElementContext, NodeResult, Result } from "axe-core";
import type { Page } from "playwright-core";

declare global {
  interface Window {
    axe: { run(context: ElementContext): Promise<AxeResults> };
  }
}

const source = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Every violation, one sentence each; none is `[]`. Evaluated from outside, so the page's policy stays as it is. */
export async function axe(page: Page): Promise<readonly string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await source);
  // What programs print has the colours that they chose.
  const { violations } = await page.evaluate(() => window.axe.run({ exclude: [".xterm-rows"] }));
  return violations.flatMap(sentences);
}

function sentences(violation: Result): readonly string[] {
  return violation.nodes.map(
    (node) =>
      `${violation.impact ?? "minor"}: ${violation.help} (${violation.id}) at ${place(node)}: ${advice(node)}`,
  );
}

function place(node: NodeResult): string {
  return `${node.target.join(" ")} ${node.html.slice(0, 120)}`;
}

function advice(node: NodeResult): string {
  return (node.failureSummary ?? "").replace(/\s+/g, " ");
}
