import { expect, it } from "vitest";
import { madePassword } from "./passwords";

it("has four groups of letters that nobody mistakes, and is another one each time", () => {
  const passwords = Array.from({ length: 200 }, () => madePassword());
  for (const password of passwords) {
    expect(password).toMatch(/^[a-hjkmnp-z2-9]{5}(-[a-hjkmnp-z2-9]{5}){3}$/);
  }
  expect(new Set(passwords).size).toBe(200);
});

it("takes no byte that would make some letters likelier than others", () => {
  const bytes = [255, 248, 0, 30, 31];
  let next = 0;
  const password = madePassword((into) => {
    into[0] = bytes[next % bytes.length] ?? 0;
    next += 1;
    return into;
  });
  expect(password.slice(0, 4)).toBe("a9aa");
  expect(next).toBeGreaterThan(20);
});
