// @vitest-environment jsdom
// A recording as people see it: where they are in it stays theirs.
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ReelView } from "./ReelView";

const pictures = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ n, atMs: n * 1000, bytes: 1, mime: "image/jpeg" }));

// There is nothing to draw on here.
vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);

it("a recording that grows meanwhile is not begun anew", async () => {
  const fetch = async () => ({ width: 1, height: 1, close: () => {} }) satisfies ImageBitmap;
  const view = (seconds: number) => (
    <ReelView pictures={pictures(seconds)} durationMs={seconds * 1000} fetch={fetch} label="It" />
  );
  const { rerender } = render(view(3));
  await userEvent.keyboard("{End}");
  expect(screen.getByText("0:03").parentElement?.textContent).toBe("0:03 / 0:03");
  rerender(view(5));
  expect(screen.getByText("0:03").parentElement?.textContent).toBe("0:03 / 0:05");
});
