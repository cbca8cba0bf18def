// A recording is read as it comes, however it is cut into pieces.

import { describe, expect, it } from "vitest";
import { CastError, type CastEvent, CastReader } from "./cast";

const HEADER =
  '{"version":3,"term":{"cols":80,"rows":24},"timestamp":1790000000,"title":"a \\"b\\""}\n';

function all(file: string, cut = file.length): { reader: CastReader; events: CastEvent[] } {
  const reader = new CastReader();
  const events: CastEvent[] = [];
  for (let at = 0; at < file.length; at += cut)
    events.push(...reader.read(file.slice(at, at + cut)));
  events.push(...reader.end());
  return { reader, events };
}

describe("a recording", () => {
  const file = `${HEADER}# a comment
[0.5, "o", "\\u001b[1mhi\\r\\n"]
[1.25, "r", "100x40"]
[0.25, "m", "here"]
[0.0, "i", "typed"]
[2, "o", "ä€😀"]
[0.1, "x", "137"]
`;

  it("has its events at their moments", () => {
    const { reader, events } = all(file);
    expect(reader.header).toEqual({
      columns: 80,
      rows: 24,
      title: 'a "b"',
      begunAt: 1_790_000_000_000,
    });
    expect(events).toEqual([
      { at: 500, kind: "output", text: "\x1b[1mhi\r\n" },
      { at: 1750, kind: "resize", columns: 100, rows: 40 },
      { at: 2000, kind: "marker", label: "here" },
      { at: 4000, kind: "output", text: "ä€😀" },
      { at: 4100, kind: "exit", code: 137 },
    ]);
  });

  it("is the same in pieces of any size", () => {
    const whole = all(file).events;
    for (const cut of [1, 2, 3, 7, 64]) expect(all(file, cut).events).toEqual(whole);
  });

  it("joins output of one frame, but not over a change of size", () => {
    const { events } = all(
      `${HEADER}[0.001,"o","a"]\n[0.004,"o","b"]\n[0.001,"r","90x20"]\n[0,"o","c"]\n[0.1,"o","d"]\n`,
    );
    expect(events.map((event) => (event.kind === "output" ? event.text : event.kind))).toEqual([
      "ab",
      "resize",
      "c",
      "d",
    ]);
  });

  it("cuts output that is too much for one frame, and loses nothing of it", () => {
    const flood = "0123456789".repeat(20_000);
    const { events } = all(`${HEADER}[1,"o",${JSON.stringify(flood)}]\n`);
    const texts = events.flatMap((event) => (event.kind === "output" ? [event.text] : []));
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(64 * 1024);
    expect(texts.join("")).toBe(flood);
  });

  it("goes on after lines that make no sense, as where a file was cut off", () => {
    const { events } = all(
      `${HEADER}nonsense\n[-5,"o","x"]\n[1,"r","0x0"]\n[1,"o","y"]\n[1,"o","cut`,
    );
    expect(events).toEqual([{ at: 2000, kind: "output", text: "y" }]);
  });

  it("is refused when it is something else", () => {
    expect(() => all('{"version":2,"width":80,"height":24}\n')).toThrow(CastError);
    expect(() => all('{"version":3,"term":{"cols":0,"rows":24}}\n')).toThrow(/how large/);
    expect(() => all("")).toThrow(/empty/);
  });
});
