import { expect, it, vi } from "vitest";
import { expiresAt, TokenKeeper } from "./token.js";

const token = (claims: string) => `e30.${Buffer.from(claims).toString("base64url")}.sig`;

it("a token tells when it expires, and odd ones do not", () => {
  expect(expiresAt(token('{"exp":1100,"who":"ÿÿÿ"}'))).toBe(1_100_000);
  for (const odd of [token("{}"), token("[]"), token('{"exp":"1"}'), "opaque", "a.?.b", ""]) {
    expect(expiresAt(odd)).toBeUndefined();
  }
});

it("a token is asked for once, and again when it has expired or was refused", async () => {
  let now = 1_000_000;
  const source = vi.fn(async () => token(`{"exp":${now / 1000 + 60}}`));
  const keeper = new TokenKeeper(source, () => now);
  const first = await keeper.current();
  expect(await keeper.current()).toBe(first);
  now += 59_000;
  expect(await keeper.current()).not.toBe(first);
  keeper.refused();
  await Promise.all([keeper.current(), keeper.current()]);
  await keeper.current();
  expect(source.mock.calls).toEqual([["first"], ["expired"], ["refused"]]);
});

it("a token that is only text is all there is", async () => {
  const keeper = new TokenKeeper("abc");
  keeper.refused();
  expect(await keeper.current()).toBe("abc");
  expect(keeper.canRenew).toBe(false);
});
