// @vitest-environment jsdom
import { expect, it } from "vitest";
import { mayReload } from "./upgrade";

it("a page that misses a file is loaded anew, but not over and over", () => {
  sessionStorage.clear();
  expect(mayReload(sessionStorage, 1_000_000)).toBe(true);
  expect(mayReload(sessionStorage, 1_029_999)).toBe(false);
  expect(mayReload(sessionStorage, 1_030_000)).toBe(true);
});
