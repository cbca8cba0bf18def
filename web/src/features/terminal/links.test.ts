import { expect, it } from "vitest";
import { webAddress } from "./links";

it("only pages are opened", () => {
  expect(webAddress("https://example.org/a?b#c")).toBe("https://example.org/a?b#c");
  for (const text of [
    "javascript:alert(1)",
    "file:///etc/passwd",
    "data:text/html,x",
    "mailto:a@b",
    "x",
  ]) {
    expect(webAddress(text)).toBeUndefined();
  }
});
