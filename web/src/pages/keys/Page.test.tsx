// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { visit } from "@/testing/visit";
import { Page } from "./Page";

const key = (name: string, status: string, more: object = {}) => ({
  id: `key-${name}`,
  name,
  origin: "made",
  status,
  createdBy: "ann",
  createdAt: "2026-11-21T00:00:00Z",
  lastUsedAt: null,
  ...more,
});

const list = [key("Farm", "active"), key("Old", "revoked")];
const server = (route: string): unknown => {
  if (route === "GET /api/v1/keys") return { keys: list };
  if (route === "POST /api/v1/keys/key-Farm/revoke") return { closed: 2 };
  return undefined;
};

it("shows a key that was made once, with the command that uses it", async () => {
  const view = visit(Page, (route) =>
    route === "POST /api/v1/keys"
      ? { id: "key-x", key: "mc_secret", createdAt: "" }
      : server(route),
  );
  await view.person.click(await screen.findByRole("button", { name: "Make key" }));
  await view.person.type(screen.getByLabelText("Name"), "Ben's laptop");
  await view.person.type(screen.getByLabelText("Agent"), "laptop");
  await view.person.click(
    screen.getAllByRole("button", { name: "Make key" }).at(-1) ?? document.body,
  );
  expect((await screen.findByLabelText("Key")).textContent).toBe("mc_secret");
  expect(screen.getByLabelText("Command").textContent).toContain(
    "--id laptop --key-file laptop.key",
  );
  const asked = view.asked.find(({ route }) => route === "POST /api/v1/keys");
  expect(asked?.body).toEqual({ name: "Ben's laptop", agentId: "laptop", expiresIn: "90d" });
  await view.person.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(screen.queryByText("mc_secret")).toBeNull());
});

it("makes a key for any agent that counts until it is revoked", async () => {
  const view = visit(Page, (route) =>
    route === "POST /api/v1/keys"
      ? { id: "key-x", key: "mc_secret", createdAt: "" }
      : server(route),
  );
  await view.person.click(await screen.findByRole("button", { name: "Make key" }));
  await view.person.type(screen.getByLabelText("Name"), "Farm");
  await view.person.selectOptions(screen.getByLabelText("Lets in"), "Any agent that is new");
  await view.person.selectOptions(screen.getByLabelText("Counts for"), "Until it is revoked");
  await view.person.click(
    screen.getAllByRole("button", { name: "Make key" }).at(-1) ?? document.body,
  );
  await screen.findByLabelText("Key");
  expect(view.asked.find(({ route }) => route === "POST /api/v1/keys")?.body).toEqual({
    name: "Farm",
  });
});

it("revokes a key that counts, and says how many links that closed", async () => {
  const view = visit(Page, server);
  await view.person.click(await screen.findByRole("button", { name: "Revoke Farm" }));
  await screen.findByText(/No agent is linked through it now/);
  await view.person.click(screen.getByRole("button", { name: "Revoke key" }));
  await screen.findByText("2 links were closed.");
});

it("marks keys that count no longer, and has them forgotten", async () => {
  visit(Page, server);
  await screen.findByRole("button", { name: "Forget Old" });
  expect(screen.getByText("revoked")).toBeTruthy();
});

it("tells viewers whom to ask, and offers operators no link for administrators", async () => {
  visit(Page, server, { role: "viewer" });
  await screen.findByText("Operators and administrators look after keys");
  visit(Page, server, { role: "operator" });
  await screen.findByRole("button", { name: "Make key" });
  expect(screen.queryByRole("button", { name: "Open on another device" })).toBeNull();
});
