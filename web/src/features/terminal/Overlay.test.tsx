// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { type Facts, FIRST_FACTS } from "./facts";
import { Overlay } from "./Overlay";

afterEach(cleanup);

const WORKER = {
  state: "running",
  epoch: 1,
  cols: 80,
  rows: 24,
  mayType: true,
  viewerId: "v",
} as const;

function shown(facts: Partial<Facts>, more: { readonly agentAwaySince?: number } = {}) {
  const terminal = { retry: vi.fn(), focus: vi.fn(), copy: vi.fn(), toNewest: vi.fn() };
  const acts = { onRestart: vi.fn(), onOlder: vi.fn() };
  render(
    <Overlay
      facts={{ ...FIRST_FACTS, connection: "open", worker: WORKER, ...facts }}
      terminal={terminal}
      agentAwaySince={more.agentAwaySince}
      {...acts}
    />,
  );
  return { terminal, ...acts };
}

it("says nothing while all is well", () => {
  shown({});
  expect(screen.queryByRole("status")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

it("says for how long there is no connection, and that keys are lost; trying again gives the focus back", async () => {
  const awaySince = Date.now() - 12_000;
  const { terminal } = shown({ connection: "waiting", awaySince, typedInVain: true });
  expect(screen.getByRole("status").textContent).toMatch(
    /Reconnecting, 1[2-4] s\. What you type now is not sent\./,
  );
  await userEvent.click(screen.getByRole("button", { name: "Retry now" }));
  expect(terminal.retry).toHaveBeenCalledOnce();
  expect(terminal.focus).toHaveBeenCalledOnce();
});

it("says that the agent is away, though the server is there", () => {
  shown({}, { agentAwaySince: Date.now() - 4 * 60_000 });
  expect(screen.getByRole("status").textContent).toMatch(/The agent is away, 4 min/);
});

it("says how the worker ended, and offers another life", async () => {
  const { onRestart } = shown({ exit: { exitCode: 137, signal: "SIGKILL" } });
  expect(screen.getByRole("status").textContent).toContain("Ended by SIGKILL.");
  await userEvent.click(screen.getByRole("button", { name: "Restart" }));
  expect(onRestart).toHaveBeenCalledOnce();
});

it("what was removed cannot be tried again, what was closed can", () => {
  shown({ connection: "closed", ending: { kind: "gone", message: "gone" } });
  expect(screen.getByRole("alert").textContent).toBe("This terminal was removed.");
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  shown({ connection: "closed", ending: { kind: "closed", message: "no" } });
  expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
});

it("offers older output at the top, and the newest line above it", async () => {
  const { terminal, onOlder } = shown({ isAtTop: true, isScrolledUp: true });
  await userEvent.click(screen.getByRole("button", { name: "Load older output" }));
  await userEvent.click(screen.getByRole("button", { name: "To the newest line" }));
  expect(onOlder).toHaveBeenCalledOnce();
  expect(terminal.toNewest).toHaveBeenCalledOnce();
});
