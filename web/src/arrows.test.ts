// Who may import whom: pages → features → live, api, ui → the client. Never back, and never feature to feature.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SOURCE = dirname(fileURLToPath(import.meta.url));
const CLIENT = "pilothouse-client";

/** What the files of a layer may import, besides those of their own folder; `pages/x` and `features/x` are folders. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  ui: [],
  api: [CLIENT, "ui"],
  live: [CLIENT, "api", "ui"],
  features: [CLIENT, "live", "api", "ui"],
  // The palette and the theme are the frame's; pages add to the one and choose the other.
  pages: [CLIENT, "features", "live", "api", "ui", "app/palette", "app/theme"],
  app: [CLIENT, "pages", "features", "live", "api", "ui"],
  main: ["app"],
};

/** Tests may also have what tests share, which may have everything that a page has. */
const TESTS = "testing";

/** The layer of a place, and its folder: nothing of another folder of these two is imported by neighbours. */
function placed(path: string): { readonly layer: string; readonly folder: string } {
  const [layer = "", name = ""] = path.replace(/\.(test\.)?tsx?$/, "").split("/");
  const isSplit = layer === "pages" || layer === "features";
  return { layer, folder: isSplit ? `${layer}/${name}` : layer };
}

/** Whether a file may import a place, both below `src`. */
function allowed(file: string, place: string): boolean {
  const from = placed(file);
  const to = placed(place);
  if (from.layer === TESTS) return to.layer !== "main";
  if (/\.test\.tsx?$/.test(file) && to.layer === TESTS) return true;
  if (from.folder === to.folder) return true;
  const may = MAY[from.layer] ?? [];
  return may.some((name) => place === name || place.startsWith(`${name}/`));
}

/** What a file imports, as places below `src`; the client by its name. Packages are left out. */
function imports(file: string): readonly string[] {
  const text = readFileSync(join(SOURCE, file), "utf8");
  const named = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...named].flatMap(([, name = ""]) => {
    if (name === CLIENT) return [CLIENT];
    if (name.startsWith("@/")) return [name.slice(2)];
    if (!name.startsWith(".")) return [];
    const place = relative(SOURCE, resolve(SOURCE, dirname(file), name)).replaceAll("\\", "/");
    // The client's own fake server, which only tests have.
    return [place.startsWith("..") ? TESTS : place];
  });
}

const FILES = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.tsx?$/.test(file));

it("nothing imports what is above or beside it", () => {
  const wrong = FILES.flatMap((file) =>
    imports(file)
      .filter((place) => !allowed(file, place))
      .map((place) => `${file} imports ${place}`),
  );
  expect(wrong).toEqual([]);
});

it.each([
  ["features/agents/Hold.tsx", "features/commands/queue", false],
  ["features/agents/Hold.tsx", "pages/fleet/Page", false],
  ["pages/fleet/Page.tsx", "pages/agent/Page", false],
  ["pages/fleet/Page.tsx", "app/Layout", false],
  ["pages/fleet/Page.tsx", "app/palette/open", true],
  ["ui/Dialog.tsx", "live/fleet", false],
  ["live/fleet.ts", "features/agents/acts", false],
  ["ui/Dialog.tsx", CLIENT, false],
  ["features/agents/Hold.tsx", "testing/visit", false],
  ["features/agents/Hold.test.tsx", "testing/visit", true],
  ["app/router.tsx", "pages/fleet/Page", true],
])("%s may import %s: %s", (file, place, may) => {
  expect(allowed(file, place)).toBe(may);
});
