import { RestError } from "pilothouse-client";
import { expect, it } from "vitest";
import { refusalWords } from "./refusals";

const now = new Date(2026, 10, 21, 20, 0);
const refusal = (status: number, retryAfterMs?: number) =>
  new RestError("the name or the password is wrong", status, "CODE", undefined, retryAfterMs);

it("says refusals as sentences", () => {
  expect(refusalWords(refusal(401), now)).toBe("The name or the password is wrong.");
});

it("tells who tried too often when to try again", () => {
  const words = refusalWords(refusal(429, 12 * 60_000), now);
  expect(words).toMatch(/^Too many attempts\. Try again in 12 min, at .*12/);
});
