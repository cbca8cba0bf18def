// @vitest-environment jsdom
import { expect, it } from "vitest";
import { FIRST_PREFERENCES, fontsOf, readPreferences, usePreferences } from "./preferences";
import { contrast, paletteOf, SCHEMES, themeOf } from "./themes";

it("what was kept is read, and what makes no sense is as if nothing had been chosen", () => {
  const kept = { fontSize: 17, cursorStyle: "bar", scheme: "dracula", copiesOnSelect: true };
  expect(readPreferences(JSON.stringify(kept))).toEqual({ ...FIRST_PREFERENCES, ...kept });
  const nonsense = { fontSize: "big", cursorStyle: "star", scheme: "mud", bell: 3, scrollback: -5 };
  expect(readPreferences(JSON.stringify(nonsense))).toEqual({
    ...FIRST_PREFERENCES,
    scrollback: 0,
  });
  for (const text of [null, "", "{", "7", "null", "[]"]) {
    expect(readPreferences(text)).toEqual(FIRST_PREFERENCES);
  }
});

it("numbers are brought within their limits, and fonts cannot end their own name", () => {
  expect(readPreferences('{"fontSize": 900}').fontSize).toBe(32);
  const { fontFamily } = readPreferences(JSON.stringify({ fontFamily: 'Fira"; x: url(y)' }));
  expect(fontsOf({ ...FIRST_PREFERENCES, fontFamily })).toMatch(/^"Fira x: url\(y\)", "JetBrains/);
});

it("a choice is kept on this device", () => {
  usePreferences.getState().choose({ fontSize: 15 });
  expect(usePreferences.getState().chosen.fontSize).toBe(15);
  expect(readPreferences(localStorage.getItem("pilothouse.terminal")).fontSize).toBe(15);
});

it.each(["light", "dark"] as const)(
  "the page's own colours can be read on a %s page",
  (appearance) => {
    const { background, foreground, colours } = paletteOf("pilothouse", appearance);
    for (const colour of [foreground, ...colours]) {
      expect(contrast(colour, background), colour).toBeGreaterThanOrEqual(4.5);
    }
  },
);

it("every scheme has sixteen colours, and goes with both appearances", () => {
  for (const { id } of SCHEMES) {
    for (const appearance of ["light", "dark"] as const) {
      const palette = paletteOf(id, appearance);
      expect(palette.colours.length).toBe(16);
      for (const colour of Object.values(themeOf(palette))) expect(colour).toMatch(/^#[0-9a-f]{6}/);
      expect(contrast(palette.foreground, palette.background)).toBeGreaterThan(4);
    }
  }
  expect(paletteOf("dracula", "light")).toEqual(paletteOf("dracula", "dark"));
});
