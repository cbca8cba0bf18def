import { describe, expect, it } from "vitest";
import { actionOf, controlled, type Key, typed } from "./keyboard";

const NOTHING = { ctrl: false, alt: false };

const key = (name: string, code: string, ...held: ("ctrl" | "shift" | "alt" | "meta")[]): Key => ({
  key: name,
  code,
  ctrlKey: held.includes("ctrl"),
  shiftKey: held.includes("shift"),
  altKey: held.includes("alt"),
  metaKey: held.includes("meta"),
});

it("the page takes few keys, and leaves the shell its own", () => {
  expect(actionOf(key("C", "KeyC", "ctrl", "shift"), false)).toBe("copy");
  expect(actionOf(key("c", "KeyC", "meta"), true)).toBe("copy");
  expect(actionOf(key("F", "KeyF", "ctrl", "shift"), false)).toBe("search");
  expect(actionOf(key("L", "KeyL", "ctrl", "shift"), false)).toBe("leave");
  expect(actionOf(key("Enter", "Enter", "shift"), false)).toBe("newline");
  const shells = [
    key("c", "KeyC", "ctrl"),
    key("a", "KeyA", "ctrl"),
    key("f", "KeyF", "ctrl"),
    key("l", "KeyL", "ctrl"),
    key("v", "KeyV", "ctrl"),
    key("Tab", "Tab"),
    key("Escape", "Escape"),
    key("Enter", "Enter"),
    key("Insert", "Insert"),
    key("f", "KeyF", "alt"),
  ];
  for (const one of shells) expect(actionOf(one, true), one.code).toBeUndefined();
});

describe("keys on the screen", () => {
  it("type what real ones do, in both cursor modes", () => {
    const up = { kind: "cursor", letter: "A" } as const;
    expect(typed(up, NOTHING, false)).toBe("\u001b[A");
    expect(typed(up, NOTHING, true)).toBe("\u001bOA");
    expect(typed(up, { ctrl: true, alt: false }, true)).toBe("\u001b[1;5A");
    expect(typed({ kind: "page", number: 6 }, NOTHING, false)).toBe("\u001b[6~");
  });

  it("are changed by what is held", () => {
    const held = { ctrl: true, alt: true };
    expect(typed({ kind: "text", text: "c" }, held, false)).toBe("\u001b\u0003");
    expect(typed({ kind: "text", text: "|" }, NOTHING, false)).toBe("|");
    expect(["a", "Z", "[", " ", "?", "1", "😀"].map(controlled)).toEqual([
      "\u0001",
      "\u001a",
      "\u001b",
      "\u0000",
      "\u007f",
      "1",
      "😀",
    ]);
  });
});
