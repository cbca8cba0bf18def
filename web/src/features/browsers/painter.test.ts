// The newest picture wins, one at a time, and whoever sends them learns which was drawn.
import type { LivePicture } from "pilothouse-client";
import { describe, expect, it } from "vitest";
import type { Decoded } from "./painter";
import { Painter } from "./painter";

const METADATA = { deviceWidth: 1280, deviceHeight: 720 };

const picture = (seq: number, metadata = true): LivePicture => ({
  sessionId: "s",
  bytes: Uint8Array.of(seq),
  mime: "image/jpeg",
  timestamp: null,
  seq,
  ...(metadata ? { metadata: METADATA } : {}),
});

/** A painter whose pictures are decoded when the test says so. */
function painting() {
  const told: string[] = [];
  const waiting: { seq: number | undefined; done(): void; fail(): void }[] = [];
  const decode = ({ seq }: LivePicture) =>
    new Promise<Decoded>((resolve, reject) => {
      const close = () => told.push(`closed ${seq}`);
      const done = () => resolve({ width: 640, height: 360, close });
      waiting.push({ seq, done, fail: () => reject(new Error("no picture")) });
    });
  const painter = new Painter(
    {
      drawn: (drawn) => told.push(`drawn ${drawn.seq}`),
      taken: ({ seq }) => told.push(`taken ${seq}`),
    },
    decode,
  );
  const settle = () => new Promise((done) => setTimeout(done, 0));
  return { painter, told, waiting, settle };
}

describe("a painter", () => {
  it("decodes one at a time, and leaves out what is not the newest any more", async () => {
    const { painter, told, waiting, settle } = painting();
    for (const seq of [1, 2, 3, 4]) painter.offer(picture(seq));
    expect(waiting.map(({ seq }) => seq)).toEqual([1]);
    waiting[0]?.done();
    await settle();
    expect(waiting.map(({ seq }) => seq)).toEqual([1, 4]);
    waiting[1]?.done();
    await settle();
    expect(told).toEqual(["drawn 1", "taken 1", "closed 1", "drawn 4", "taken 4"]);
    expect(painter.drawn).toEqual({
      size: { width: 640, height: 360 },
      page: { width: 1280, height: 720 },
      seq: 4,
    });
  });

  it("goes on after bytes that are no picture, and says that they were taken", async () => {
    const { painter, told, waiting, settle } = painting();
    painter.offer(picture(1));
    waiting[0]?.fail();
    await settle();
    painter.offer(picture(2, false));
    waiting[1]?.done();
    await settle();
    expect(told).toEqual(["taken 1", "drawn 2", "taken 2"]);
    // Nobody said how large the page was, so it is as large as its picture.
    expect(painter.drawn?.page).toEqual({ width: 640, height: 360 });
  });

  it("draws nothing after its end, and keeps nothing", async () => {
    const { painter, told, waiting, settle } = painting();
    painter.offer(picture(1));
    painter.end();
    waiting[0]?.done();
    await settle();
    expect(told).toEqual(["closed 1"]);
  });
});
