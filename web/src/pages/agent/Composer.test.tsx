// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { rest } from "pilothouse-client";
import { createRef } from "react";
import { expect, it, vi } from "vitest";
import { renderInside } from "@/testing/inside";
import { Composer } from "./Composer";

const presets = {
  presets: [
    {
      id: "p1",
      name: "Build",
      command: "make all",
      priority: "high",
      directory: "/srv",
      madeBy: "ann",
      changedAt: "2026-01-01T00:00:00Z",
    },
    { id: "p2", name: "Elsewhere", command: "no", agentId: "b", priority: "normal", madeBy: "ann" },
  ],
};

async function written(given: { refusal?: string; refused?: string } = {}) {
  const run = vi.fn(async (_: rest.CommandBody) => given.refused);
  await renderInside(
    <Composer
      agentId="a"
      field={createRef()}
      lines={["make", "ls"]}
      firstLine=""
      refusal={given.refusal}
      running={{ isBusy: false, run }}
    />,
    { answer: () => presets },
  );
  return { run, field: await screen.findByRole("textbox", { name: "Command line" }) };
}

it("Enter runs the line and leaves the field empty; Shift and Enter go on below", async () => {
  const { run, field } = await written();
  await userEvent.type(field, "echo 1{Shift>}{Enter}{/Shift}echo 2{Enter}");
  expect(run).toHaveBeenCalledWith({ agentId: "a", command: "echo 1\necho 2", priority: "normal" });
  expect(field).toHaveProperty("value", "");
});

it("what the server refuses is said, and the line stays", async () => {
  const { field } = await written({ refused: "the queue is full" });
  await userEvent.type(field, "echo 1{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("the queue is full");
  expect(field).toHaveProperty("value", "echo 1");
});

it("says why nothing can be run, and runs nothing", async () => {
  const { run, field } = await written({ refusal: "a is away." });
  expect(screen.getByText("a is away.")).toBeTruthy();
  await userEvent.type(field, "echo 1{Enter}");
  expect(run).not.toHaveBeenCalled();
  expect(screen.getByRole("button", { name: "Run" })).toHaveProperty("disabled", true);
});

it("arrows bring older lines back", async () => {
  const { field } = await written();
  await userEvent.type(field, "mine{ArrowUp}{ArrowUp}");
  expect(field).toHaveProperty("value", "ls");
  await userEvent.type(field, "{ArrowDown}{ArrowDown}");
  expect(field).toHaveProperty("value", "mine");
});

it("a preset of this agent, or of all, fills everything in; what is wrong is said before it is sent", async () => {
  const { run, field } = await written();
  await userEvent.click(screen.getByRole("button", { name: "Presets" }));
  expect(screen.queryByRole("menuitem", { name: /Elsewhere/ })).toBeNull();
  await userEvent.click(await screen.findByRole("menuitem", { name: /Build/ }));
  expect(field).toHaveProperty("value", "make all");
  await userEvent.click(screen.getByRole("button", { name: /Directory, priority, limits/ }));
  await userEvent.type(screen.getByRole("textbox", { name: /Time limit/ }), "soon");
  await userEvent.click(screen.getByRole("button", { name: "Run" }));
  expect((await screen.findByRole("alert")).textContent).toMatch(/number of seconds/);
  await userEvent.clear(screen.getByRole("textbox", { name: /Time limit/ }));
  await userEvent.click(screen.getByRole("button", { name: "Run" }));
  expect(run).toHaveBeenCalledWith({
    agentId: "a",
    command: "make all",
    priority: "high",
    directory: "/srv",
  });
});
