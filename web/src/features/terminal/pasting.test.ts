import { expect, it } from "vitest";
import { asTyped, messagesOf, needsYes } from "./pasting";
import { check, kindOf, megabytes } from "./pictures";

it("only lines that would run at once are asked about", () => {
  expect(needsYes("one\ntwo", false)).toBe(true);
  expect(needsYes("one\r\ntwo\r\n", false)).toBe(true);
  expect(needsYes("one\ntwo", true)).toBe(false);
  expect(needsYes("one\n", false)).toBe(false);
  expect(needsYes("one", false)).toBe(false);
});

it("lines end with Enter, and pasted text cannot end its own brackets", () => {
  expect(asTyped("a\r\nb\nc", false)).toBe("a\rb\rc");
  expect(asTyped("a\u001b[201~b", true)).toBe("\u001b[200~a\u241b[201~b\u001b[201~");
});

it("long text goes in several messages, and no character is cut", () => {
  const text = `${"x".repeat(64 * 1024 - 1)}😀y`;
  const messages = messagesOf(text);
  expect(messages.length).toBe(2);
  expect(messages.join("")).toBe(text);
  expect(messages[1]).toBe("😀y");
  expect(messagesOf("")).toEqual([]);
});

it("a picture is what its bytes say, whatever its name says", async () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1);
  const webp = new TextEncoder().encode("RIFF\u0001\u0002\u0003\u0004WEBPVP8 ");
  expect([kindOf(png), kindOf(webp), kindOf(png.subarray(0, 4))]).toEqual([
    "image/png",
    "image/webp",
    undefined,
  ]);
  const text = await check(new File(["<svg/>"], "a.png", { type: "image/png" }));
  expect(text).toEqual({
    kind: "refused",
    why: "a.png is not a PNG, JPEG, GIF, WebP or BMP picture.",
  });
  const large = await check(new File([new Uint8Array(5 * 1024 * 1024 + 1)], "b.png"));
  expect(large).toMatchObject({
    kind: "refused",
    why: "b.png has 5.0 MB; at most 5 MB can be sent.",
  });
  const good = await check(new File([png], "c.txt"));
  expect(good).toMatchObject({ kind: "picture", mimeType: "image/png" });
});

it("sizes have units", () => {
  expect([999, 2048, 12_000_000].map(megabytes)).toEqual(["999 bytes", "2.0 kB", "11 MB"]);
});
