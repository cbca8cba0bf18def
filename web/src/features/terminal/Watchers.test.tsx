// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Viewer } from "pilothouse-client";
import { afterEach, expect, it } from "vitest";
import { othersWords, Watchers } from "./Watchers";

afterEach(cleanup);

const viewer = (name: string, more: Partial<Viewer> = {}): Viewer => ({
  id: name,
  user: name,
  name,
  since: "2026-01-01T00:00:00.000Z",
  mayType: true,
  ownsSize: false,
  isYou: false,
  ...more,
});

const you = viewer("ann", { isYou: true, ownsSize: true });

it("whoever is alone is told nothing", () => {
  render(<Watchers facts={{ viewers: [you], viewerCount: 1 }} />);
  expect(screen.queryByRole("button")).toBeNull();
});

it("others are named, and who types and decides the size is told when asked", async () => {
  const viewers = [you, viewer("vic", { mayType: false }), viewer("bo")];
  render(<Watchers facts={{ viewers, viewerCount: 3 }} />);
  await userEvent.click(screen.getByRole("button", { name: "vic, bo" }));
  const items = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
  expect(items[0]).toMatch(/^ann \(you\)may type, decides the size/);
  expect(items[1]).toMatch(/^viconly looks/);
});

it("of a crowd two are named", () => {
  const viewers = [you, viewer("vic"), viewer("bo"), viewer("cy")];
  expect(othersWords(viewers, 60)).toBe("vic, bo and 57 more");
});
