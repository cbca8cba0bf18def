// Sessions of shells, and what is seen of them.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Program } from "./program";
import { linesOf, terminalOf } from "./terminal";

/** A session with shells, and where it is shown. */
export async function shells(program: Program, count = 1) {
  await program.linked("build-1");
  const rest = await program.rest();
  const body = { type: "quick", agentId: "build-1", locationPath: program.home };
  const { id } = await rest.call("POST /api/v1/sessions", { body });
  const names: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const name = `shell ${number}`;
    const path = { session: id };
    await rest.call("POST /api/v1/sessions/{session}/workers", {
      path,
      body: { type: "terminal", name },
    });
    names.push(name);
  }
  return { path: `/sessions/${id}?layout=grid`, names };
}

/** Resolves when a terminal shows something. */
export const shows = (page: Page, name: string, text: string | RegExp) =>
  expect.poll(async () => (await linesOf(terminalOf(page, name))).join("\n")).toMatch(text);

/** The size of a terminal, as it says it. */
export const sizeOf = (page: Page, name: string) =>
  terminalOf(page, name)
    .getByRole("img", { name: /columns/ })
    .innerText();

/** Resolves when the shell of a terminal is ready for a line. */
export const isReady = (page: Page, name: string) => shows(page, name, /[$#] *$/m);

/** A session of some terminals, made without the page. */
export async function sessionWith(
  program: Program,
  title: string,
  terminals: number,
): Promise<string> {
  const rest = await program.rest();
  const body = { type: "quick", agentId: "build-1", title, locationPath: program.home };
  const { id } = await rest.call("POST /api/v1/sessions", { body });
  for (let count = 0; count < terminals; count += 1) {
    const path = { session: id };
    await rest.call("POST /api/v1/sessions/{session}/workers", {
      path,
      body: { type: "terminal" },
    });
  }
  return id;
}
