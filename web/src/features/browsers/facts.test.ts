// What people are told about control, each thing once.
import { describe, expect, it } from "vitest";
import { control } from "../../../../sdk/typescript/src/test/live";
import { newsOf } from "./facts";
import { leftUntil, standingOf } from "./standing";

const ben = { id: "w1", name: "ben" };
const held = { name: "vera", user: "usr-vera" };

describe("news of control", () => {
  it.each([
    ["taking it at once is to be seen", control(), control({ you: true }), true, []],
    [
      "getting it after waiting is told",
      control({ holder: held, asked: true }),
      control({ you: true }),
      true,
      ["granted"],
    ],
    ["coming back to it is no news", undefined, control({ you: true }), false, []],
    ["handing it back is told", control({ you: true }), control(), false, ["lost"]],
    [
      "somebody asks for it",
      control({ you: true }),
      control({ you: true, waiting: [ben] }),
      false,
      ["asked"],
    ],
    [
      "who asked before is not told again",
      control({ you: true, waiting: [ben] }),
      control({ you: true, waiting: [ben] }),
      false,
      [],
    ],
    [
      "a request is declined",
      control({ holder: held, waiting: [ben], asked: true }),
      control({ holder: held, asked: false }),
      true,
      ["declined"],
    ],
    [
      "somebody else's request says nothing about mine, which is on its way",
      control({ holder: held, waiting: [ben], asked: false }),
      control({ holder: held, asked: false }),
      true,
      [],
    ],
    [
      "a request that was taken back is not declined",
      control({ holder: held, waiting: [ben], asked: true }),
      control({ holder: held, asked: false }),
      false,
      [],
    ],
  ] as const)("%s", (_, before, now, hadAsked, kinds) => {
    expect(newsOf(before, now, hadAsked).map(({ kind }) => kind)).toEqual(kinds);
  });

  it("says to whom it was lost", () => {
    expect(newsOf(control({ you: true }), control({ holder: held }), false)).toEqual([
      { kind: "lost", to: "vera" },
    ]);
  });
});

describe("how it is", () => {
  it.each([
    [undefined, { kind: "unknown" }],
    [control({ mayRequest: false }), { kind: "free", mayAsk: false }],
    [
      control({ holder: held, waiting: [ben] }),
      { kind: "others", name: "vera", isAway: false, mayAsk: true, waiting: 1 },
    ],
    [
      control({ you: true, holder: held, until: "1970-01-01T00:01:00Z", warning: true }),
      { kind: "mine", until: 60_000, endsSoon: true, waiting: [] },
    ],
    [
      control({ you: true, until: "whenever" }),
      { kind: "mine", until: undefined, endsSoon: false, waiting: [] },
    ],
  ])("is told of %o", (told, standing) => {
    expect(standingOf(told)).toEqual(standing);
  });

  it("tells the time that is left, and never less than none", () => {
    expect([
      leftUntil(605_000, 0),
      leftUntil(59_001, 0),
      leftUntil(9000, 500),
      leftUntil(0, 1),
    ]).toEqual(["10:05", "1:00", "0:09", "0:00"]);
  });
});
