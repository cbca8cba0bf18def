import { expect, it, vi } from "vitest";
import { takeFromLink } from "./link";

const taken = (address: string) => {
  const { hash, pathname, search } = new URL(address, "http://house");
  const replaceState = vi.fn();
  const brought = takeFromLink({ hash, pathname, search }, { state: null, replaceState });
  return { brought, left: replaceState.mock.calls[0]?.[2] };
};

it("takes codes and tokens, and leaves nothing of them in the address", () => {
  expect(taken("/#code=abc")).toEqual({ brought: { code: "abc" }, left: "/" });
  expect(taken("/keys?q=a#token=a%2Bb")).toEqual({ brought: { token: "a+b" }, left: "/keys?q=a" });
});

it("leaves everything else where it is, and what cannot be decoded as it is", () => {
  expect(taken("/#content")).toEqual({ brought: undefined, left: undefined });
  expect(taken("/#token=100%").brought).toEqual({ token: "100%" });
});

it("leaves a program's code to the page that confirms it", () => {
  expect(taken("/device#code=BCDF-GHJK")).toEqual({ brought: undefined, left: undefined });
});
