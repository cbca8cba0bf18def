// @vitest-environment jsdom
// Where the server is, told by where the page's files are.
import { expect, test } from "vitest";
import { basePathOf } from "./place";

test("the server is where its folder of files is", () => {
  expect(basePathOf("https://pilot.example/ui/assets/index-B7x.js")).toBe("");
  expect(basePathOf("https://pilot.example/pilot/ui/assets/place-B7x.js")).toBe("/pilot");
  expect(basePathOf("https://pilot.example/a/b/ui/assets/index.js?v=1")).toBe("/a/b");
});
