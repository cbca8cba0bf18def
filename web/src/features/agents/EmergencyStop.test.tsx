// @vitest-environment jsdom
import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { rest } from "pilothouse-client";
import { afterEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import type { LiveAgent } from "@/live/fleet";
import { renderInside, type Surroundings } from "@/testing/inside";
import { EmergencyButton } from "./EmergencyButton";
import { EmergencyStop } from "./EmergencyStop";
import { useEmergency } from "./emergency";

const live = (agentId: string, isRunning: boolean): [string, LiveAgent] => [
  agentId,
  {
    agent: {
      agentId,
      agentType: "shell",
      name: agentId,
      status: isRunning ? "busy" : "online",
      capabilities: ["commands"],
      metadata: { version: "1", platform: "linux", host: "h" },
      connectedAt: 0,
      lastActivity: 0,
    },
    queue: { agentId, queue: [], held: { cause: "emergency-stopped", reason: "by ann", since: 0 } },
    running: isRunning ? { commandId: "c", agentId, status: "running" } : undefined,
  },
];
const fleet = new Map([live("a", true), live("b", false)]);

const reply: rest.StopReply = {
  confirmed: false,
  agents: [
    { agentId: "a", result: "stopped", commands: 1, workers: 2 },
    { agentId: "b", result: "unreachable", reason: "it is away" },
  ],
};

async function open(surroundings: Surroundings = {}) {
  const inside = await renderInside(
    <>
      <EmergencyButton />
      <EmergencyStop />
    </>,
    {
      told: [
        [keys.fleet, fleet],
        [keys.sessions, new Map()],
      ],
      ...surroundings,
    },
  );
  await userEvent.click(await screen.findByRole("button", { name: "Emergency stop" }));
  return inside;
}

/** Presses the button for so long. */
async function hold(ms: number): Promise<void> {
  const button = screen.getByRole("button", { name: "Hold to stop everything" });
  vi.useFakeTimers({ shouldAdvanceTime: true });
  fireEvent.pointerDown(button, { button: 0 });
  await vi.advanceTimersByTimeAsync(ms);
  fireEvent.pointerUp(button);
  vi.useRealTimers();
}

afterEach(() => useEmergency.getState().close());

it("says what it would end", async () => {
  await open();
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("2 agents")).toBeTruthy();
  expect(dialog.getByText("1 running command")).toBeTruthy();
});

it("a slip does nothing", async () => {
  const { asked } = await open({ answer: () => reply });
  await hold(400);
  expect(asked).toEqual([]);
  expect(screen.getByText("Stop everything on every agent?")).toBeTruthy();
});

it("held, it stops everything and shows what became of each, those that need a look first", async () => {
  const { asked } = await open({ answer: () => reply });
  await userEvent.type(await screen.findByRole("textbox", { name: /Why/ }), "a drill");
  await hold(1100);
  await screen.findByText("Not everything is stopped");
  expect(asked.map(({ route, body }) => ({ route, body }))).toEqual([
    { route: "POST /api/v1/emergency-stop", body: { reason: "a drill" } },
  ]);
  const rows = screen.getAllByRole("listitem").map(({ textContent }) => textContent);
  expect(rows[0]).toMatch(/^unreachable.*it is away.*stopped as soon as it links again/);
  expect(rows[1]).toMatch(/^stopped.*ended 1 command and 2 workers/);
});

it("a server that does not answer leaves no doubt that it is not sure", async () => {
  await open({ answer: () => Response.json({ detail: "storage is full" }, { status: 503 }) });
  await hold(1100);
  expect((await screen.findByRole("alert")).textContent).toMatch(/not sure.*storage is full/);
});

it("everybody is let go on from there", async () => {
  const { asked } = await open({
    answer: ({ route }) =>
      route.includes("emergency") ? reply : { action: "resume", agentId: "" },
  });
  await hold(1100);
  await userEvent.click(await screen.findByRole("button", { name: "Let all go on" }));
  await screen.findByText("2 agents resumed");
  expect(asked.map(({ route }) => route).slice(1)).toEqual([
    "POST /api/v1/agents/b/resume",
    "POST /api/v1/agents/a/resume",
  ]);
});

it("viewers have no such button", async () => {
  await renderInside(<EmergencyButton />, { role: "viewer" });
  expect(screen.queryByRole("button")).toBeNull();
});
