// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { KeyBar } from "./KeyBar";
import { PasteDialog } from "./PasteDialog";
import { SearchBar } from "./SearchBar";

afterEach(cleanup);

it("searches along with what is typed, then up and down, and ends with Escape", async () => {
  const search = vi.fn();
  const close = vi.fn();
  render(<SearchBar screen={{ search }} found={{ at: 3, count: 12 }} onClose={close} />);
  await userEvent.keyboard("ab");
  expect(search.mock.lastCall).toEqual(["ab", { isExact: false, isPattern: false, goes: "along" }]);
  expect(screen.getByRole("status").textContent).toBe("3 of 12");
  await userEvent.keyboard("{Enter}{Shift>}{Enter}{/Shift}");
  expect(search.mock.calls.slice(-2).map(([, { goes }]) => goes)).toEqual(["back", "on"]);
  await userEvent.click(screen.getByRole("button", { name: "Regular expression" }));
  expect(search.mock.lastCall?.[1]).toMatchObject({ isPattern: true });
  await userEvent.keyboard("{Escape}");
  expect(close).toHaveBeenCalledOnce();
});

it("a paste of several lines shows them, and waits for a decision", async () => {
  const decide = vi.fn();
  render(<PasteDialog text={"rm -r a\nrm -r b\n"} onDecide={decide} />);
  const dialog = await screen.findByRole("dialog", { name: "Paste 2 lines?" });
  expect(dialog.textContent).toContain("rm -r b");
  await userEvent.click(screen.getByRole("button", { name: "Paste" }));
  expect(decide).toHaveBeenCalledExactlyOnceWith(true);
});

it("keys on the screen press, and hold for the next one", async () => {
  const terminal = {
    press: vi.fn(),
    hold: vi.fn(),
    pasteClipboard: vi.fn(),
    hideKeyboard: vi.fn(),
  };
  render(<KeyBar terminal={terminal} held={{ ctrl: true, alt: false }} />);
  await userEvent.click(screen.getByRole("button", { name: "Control C" }));
  expect(terminal.press).toHaveBeenCalledExactlyOnceWith({ kind: "text", text: "\u0003" });
  const ctrl = screen.getByRole("button", { name: "Ctrl, for the next key" });
  expect(ctrl.getAttribute("aria-pressed")).toBe("true");
  await userEvent.click(ctrl);
  expect(terminal.hold).toHaveBeenCalledExactlyOnceWith("ctrl");
});
