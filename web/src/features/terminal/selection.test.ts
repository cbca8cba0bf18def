// @vitest-environment jsdom
import { Terminal } from "@xterm/xterm";
import { expect, it, vi } from "vitest";
import { drawSelectionsOnly } from "./selection";

/** A terminal in a page that has neither a screen nor letters. */
function opened(): Terminal {
  vi.stubGlobal("matchMedia", () => ({ addListener: () => {}, removeListener: () => {} }));
  HTMLCanvasElement.prototype.getContext = () => null;
  const terminal = new Terminal();
  terminal.open(document.body.appendChild(document.createElement("div")));
  return terminal;
}

const written = (terminal: Terminal, text: string) =>
  new Promise<void>((done) => terminal.write(text, done));

/** How often it wants to draw for a selection when it scrolls. */
async function drawings(terminal: Terminal): Promise<number> {
  const asked = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(1);
  await written(terminal, "\r\n".repeat(50));
  const calls = asked.mock.calls.filter(([draw]) => String(draw).includes("this._refresh()"));
  asked.mockRestore();
  return calls.length;
}

it("a terminal without a selection is not drawn for one when it scrolls", async () => {
  expect(await drawings(opened())).toBe(1);
  const terminal = opened();
  drawSelectionsOnly(terminal);
  expect(await drawings(terminal)).toBe(0);
});

it("a selection is drawn, and once more when it is gone", async () => {
  const terminal = opened();
  drawSelectionsOnly(terminal);
  const asked = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
  terminal.selectAll();
  expect(asked).toHaveBeenCalled();
  asked.mockClear();
  terminal.clearSelection();
  expect(asked).toHaveBeenCalled();
});
