// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { useNoticePreferences } from "@/features/notices/preferences";
import { refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const signIn = (id: string, more: object = {}) => ({
  id,
  program: `${id}/1.0`,
  address: "10.0.0.1",
  begunAt: "2026-11-20T00:00:00Z",
  expiresAt: "2026-12-20T00:00:00Z",
  isCurrent: false,
  ...more,
});

const webhook = {
  id: "hook-1",
  name: "Chat",
  url: "https://hooks.example/x",
  events: ["failed"],
  isActive: true,
  madeAt: "2026-11-20T00:00:00Z",
  madeBy: "ann",
};

const server = (route: string): unknown => {
  switch (route) {
    case "GET /api/v1/users/me/sign-ins":
      return { signIns: [signIn("curl"), signIn("wget", { isCurrent: true })] };
    case "GET /api/v1/webhooks":
      return { webhooks: [webhook] };
    case "GET /api/v1/webhooks/hook-1/deliveries":
      return { deliveries: [] };
    case "POST /api/v1/webhooks/hook-1/rotate":
      return { secret: "whsec_new", oldSecretUntil: "2026-11-22T00:00:00Z" };
    default:
      return route.startsWith("DELETE") ? new Response(null, { status: 204 }) : undefined;
  }
};

const at = (section: string) => ({ path: `/?section=${section}` });

it("begins with oneself, this device first, and ends another one after asking", async () => {
  const view = visit(Page, server);
  const devices = await screen.findByRole("list", { name: "Devices" });
  expect(devices.firstElementChild?.textContent).toMatch(/^wgetThis one/);
  await view.person.click(screen.getByRole("button", { name: "Sign out curl, 10.0.0.1" }));
  await screen.findByText(/curl loses its connection at once/);
  const buttons = screen.getAllByRole("button", { name: "Sign out" });
  await view.person.click(buttons.at(-1) ?? document.body);
  await screen.findAllByText("Signed out there");
  expect(view.asked.map(({ route }) => route)).toContain("DELETE /api/v1/users/me/sign-ins/curl");
});

it("asks for the new password twice, and changes nothing while they differ", async () => {
  const view = visit(Page, server);
  await view.person.click(await screen.findByRole("button", { name: "Change password" }));
  await view.person.type(screen.getByLabelText("Current password"), "the old one");
  await view.person.type(screen.getByLabelText("New password"), "a new password");
  await view.person.type(screen.getByLabelText("New password, again"), "another one");
  const dialog = within(screen.getByRole("dialog"));
  await view.person.click(dialog.getByRole("button", { name: "Change password" }));
  await screen.findByText("The new passwords differ.");
});

it("keeps the part that is shown in the address, and administrators' parts from others", async () => {
  const view = visit(Page, server, at("webhooks"));
  await screen.findByText("Chat");
  await view.person.click(screen.getByRole("button", { name: "Appearance" }));
  await screen.findByRole("radiogroup", { name: "Theme" });
  expect(view.history.location.search).toBe("?section=appearance");
});

it("shows operators themselves where administrators see webhooks", async () => {
  visit(Page, server, { role: "operator", ...at("webhooks") });
  await screen.findByRole("heading", { name: "ann" });
  expect(screen.queryByRole("button", { name: "Webhooks" })).toBeNull();
});

it("shows another secret once, and until when the one before counts", async () => {
  const view = visit(Page, server, at("webhooks"));
  await view.person.click(await screen.findByRole("button", { name: "Do something with Chat" }));
  await view.person.click(await screen.findByRole("menuitem", { name: "Replace the secret" }));
  await view.person.click(screen.getByRole("button", { name: "Replace secret" }));
  expect((await screen.findByLabelText("Secret")).textContent).toBe("whsec_new");
  await view.person.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(screen.queryByText("whsec_new")).toBeNull());
});

it("says why no test was sent", async () => {
  const view = visit(
    Page,
    (route) => (route.endsWith("/test") ? refusal(409, "the webhook is paused") : server(route)),
    at("webhooks"),
  );
  await view.person.click(await screen.findByRole("button", { name: "Deliveries of Chat" }));
  await screen.findByText("Nothing was sent yet");
  await view.person.click(screen.getByRole("button", { name: "Send a test" }));
  await screen.findAllByText("the webhook is paused");
});

it("keeps on this device what is to be told", async () => {
  const view = visit(Page, server, at("notifications"));
  const choice = await screen.findByRole("radiogroup", { name: "Something is done" });
  const off = choice.querySelector("[role=radio]");
  if (off !== null) await view.person.click(off);
  expect(useNoticePreferences.getState().chosen.done).toBe("off");
  expect(localStorage.getItem("pilothouse.notices")).toContain('"done":"off"');
  await screen.findByText(/This browser shows none outside of the page/);
});
