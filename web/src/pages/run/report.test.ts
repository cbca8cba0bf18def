// @vitest-environment jsdom
import type { RunStep } from "pilothouse-client";
import { expect, it } from "vitest";
import { aRun } from "@/testing/runs";
import { reportOf } from "./report";

const run = aRun({
  status: "COMPLETED",
  endedAt: "2026-01-01T00:00:09Z",
  stepCount: 2,
  task: "Read <script>alert(1)</script>",
  answer: "it costs 48 €",
  commands: [{ type: "navigate", url: "https://shop.test" }],
});
const steps: readonly RunStep[] = [
  {
    number: 1,
    action: { type: "navigate", url: "https://shop.test" },
    explanation: "to begin",
    at: "2026-01-01T00:00:02Z",
    hasScreenshot: true,
  },
  {
    number: 2,
    action: { type: "click", name: '"><img src=x onerror=alert(2)>' },
    explanation: "",
    at: "2026-01-01T00:00:03Z",
    hasScreenshot: false,
  },
];
const picture = "data:image/jpeg;base64,/9j/";
const read = () => {
  const text = reportOf(run, steps, new Map([[1, picture]]), "2026-01-02T00:00:00Z");
  return new DOMParser().parseFromString(text, "text/html");
};

it("tells what was to be done, what came of it, and every step with its picture", () => {
  const page = read();
  const words = page.body.textContent;
  for (const part of ["it costs 48 €", "ann", "8.0 s", "2 of at most 25", "to begin"]) {
    expect(words).toContain(part);
  }
  const headings = [...page.querySelectorAll("li h2")].map(({ textContent }) => textContent);
  expect(headings[0]).toBe("1. Go to https://shop.test");
  const images = [...page.querySelectorAll("img")].map((image) => image.getAttribute("src"));
  expect(images).toEqual([picture]);
  expect(words).toContain("No screenshot is kept of it.");
  expect([...page.querySelectorAll("pre")].at(-1)?.textContent).toContain('"navigate"');
});

it("what pages and people wrote stays text", () => {
  const page = read();
  expect(page.querySelectorAll("script, [onerror]")).toHaveLength(0);
  expect(page.querySelector("h1")?.textContent).toBe("Read <script>alert(1)</script>");
});
