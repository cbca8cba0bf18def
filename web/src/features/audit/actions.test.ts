// The filter by action offers what the server can say.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ACTIONS } from "./actions";

it("has the words of the server's own list", () => {
  const source = readFileSync("../crates/core/src/audit/actions.rs", "utf8");
  const listed = [...source.matchAll(/\baction\("([^"]+)", "([^"]+)"\)/g)];
  expect(listed.length).toBeGreaterThan(30);
  expect(ACTIONS).toEqual(Object.fromEntries(listed.map(([, name, words]) => [name, words])));
});
