// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { keys } from "@/api/keys";
import { refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const preset = (name: string, more: object = {}) => ({
  id: `pre-${name}`,
  name,
  command: `run ${name}`,
  priority: "normal",
  madeBy: "ann",
  changedAt: "2026-11-21T00:00:00Z",
  ...more,
});

const list = [preset("Tests"), preset("Deploy", { agentId: "build-1", directory: "/srv" })];
const server = (route: string): unknown => {
  if (route === "GET /api/v1/presets") return { presets: list };
  return route.startsWith("POST") ? {} : undefined;
};

it("runs one that says where at once, and goes there", async () => {
  const view = visit(Page, server);
  await view.person.click(await screen.findByRole("button", { name: "Run Deploy" }));
  await waitFor(() => expect(view.history.location.pathname).toBe("/agents/build-1"));
  const asked = view.asked.find(({ route }) => route === "POST /api/v1/commands");
  expect(asked?.body).toEqual({ preset: "pre-Deploy", agentId: "build-1" });
});

it("says that one cannot be run when no agent is here", async () => {
  const view = visit(Page, server);
  view.cache.setQueryData(keys.fleet, new Map());
  await view.person.click(await screen.findByRole("button", { name: "Run Tests" }));
  await screen.findByText(/No agent is here that could run it/);
});

it("says why one was not run", async () => {
  const view = visit(Page, (route) =>
    route === "POST /api/v1/commands" ? refusal(409, "the agent is offline") : server(route),
  );
  await view.person.click(await screen.findByRole("button", { name: "Run Deploy" }));
  await screen.findAllByText("Deploy was not run");
  expect(view.history.location.pathname).toBe("/");
});

it("keeps what a preset does not say out of what is sent", async () => {
  const view = visit(Page, server);
  await view.person.click(await screen.findByRole("button", { name: "Add preset" }));
  const dialog = within(screen.getByRole("dialog"));
  await view.person.type(dialog.getByLabelText("Name"), "Disk");
  await view.person.type(dialog.getByLabelText("Command line"), "df -h");
  await view.person.type(dialog.getByLabelText("Time limit, in seconds"), "1.5");
  await view.person.selectOptions(dialog.getByLabelText("Priority"), "high");
  await view.person.click(dialog.getByRole("button", { name: "Add preset" }));
  await screen.findByText("Disk was added");
  const asked = view.asked.find(({ route }) => route === "POST /api/v1/presets");
  expect(asked?.body).toEqual({ name: "Disk", command: "df -h", priority: "high", timeout: 1500 });
});

it("keeps the agent of a preset that is away when something else is changed", async () => {
  const view = visit(Page, (route) => (route.startsWith("PUT") ? {} : server(route)));
  await view.person.click(await screen.findByRole("button", { name: "Do something with Deploy" }));
  await view.person.click(await screen.findByRole("menuitem", { name: "Change" }));
  await view.person.type(screen.getByLabelText("Name"), " now");
  await view.person.click(screen.getByRole("button", { name: "Save" }));
  await screen.findByText("Deploy now was saved");
  const asked = view.asked.find(({ route }) => route.startsWith("PUT"));
  expect(asked).toMatchObject({
    route: "PUT /api/v1/presets/pre-Deploy",
    body: { name: "Deploy now", agentId: "build-1", directory: "/srv" },
  });
});

it("shows viewers what there is, and nothing to press", async () => {
  visit(Page, server, { role: "viewer" });
  await screen.findByText("run Tests");
  expect(screen.queryByRole("button", { name: /Run|Add|Do something/ })).toBeNull();
});
