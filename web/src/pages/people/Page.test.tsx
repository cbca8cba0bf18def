// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const person = (username: string, role: string) => ({
  id: `usr-${username}`,
  username,
  name: username,
  role,
  createdAt: "2026-11-01T00:00:00Z",
  lastLogin: null,
});

const people = [person("ann", "admin"), person("ben", "operator"), person("vera", "viewer")];

const server = (route: string): unknown =>
  route === "GET /api/v1/users" ? { users: people, count: people.length } : undefined;

const menuOf = async (name: string, { person: hand }: ReturnType<typeof visit>) => {
  await hand.click(await screen.findByRole("button", { name: `Do something with ${name}` }));
};

it("lists people by name, and finds them by what is typed, also after a reload", async () => {
  const view = visit(Page, server);
  const list = await screen.findByRole("list", { name: "People" });
  const names = () =>
    within(list)
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent);
  expect(names()).toMatchObject([/^annyou/, /^ben/, /^vera/]);
  await view.person.type(screen.getByRole("searchbox", { name: "Search people" }), "view");
  expect(names()).toMatchObject([/^vera/]);
  expect(view.history.location.search).toBe("?q=view");
});

it("offers the first account, of an administrator, where nobody has one", async () => {
  const view = visit(Page, () => ({ users: [], count: 0 }));
  await view.person.click(await screen.findByRole("button", { name: "Make the first account" }));
  expect(screen.getByText("It administers this server.")).toBeTruthy();
  expect(screen.queryByRole("radiogroup")).toBeNull();
});

it("shows the password of a new account once, as it was asked for", async () => {
  const view = visit(Page, (route) =>
    route === "POST /api/v1/users" ? person("cleo", "operator") : server(route),
  );
  await view.person.click(await screen.findByRole("button", { name: "Add person" }));
  await view.person.type(screen.getByLabelText("Username"), "cleo");
  await view.person.click(screen.getByRole("button", { name: "Make account" }));
  await screen.findByRole("dialog", { name: "cleo can sign in" });
  const asked = view.asked.find(({ route }) => route.startsWith("POST"))?.body;
  const shown = screen.getByLabelText("Password").textContent;
  expect(asked).toEqual({ username: "cleo", password: shown, role: "operator" });
  expect(shown).toMatch(/^[a-z0-9-]{23}$/);
});

it("says in the server's words why an account was not made, and keeps what was typed", async () => {
  const view = visit(Page, (route) =>
    route === "POST /api/v1/users"
      ? refusal(409, "the username is taken; choose another")
      : server(route),
  );
  await view.person.click(await screen.findByRole("button", { name: "Add person" }));
  await view.person.type(screen.getByLabelText("Username"), "ben");
  await view.person.click(screen.getByRole("button", { name: "Make account" }));
  const words = await screen.findByText("The username is taken; choose another.");
  expect(words.getAttribute("role")).toBe("alert");
  expect(screen.getByLabelText("Username")).toHaveProperty("value", "ben");
});

it("removes somebody only when their name was typed", async () => {
  const view = visit(Page, (route) =>
    route.startsWith("DELETE") ? new Response(null, { status: 204 }) : server(route),
  );
  await menuOf("ben", view);
  await view.person.click(await screen.findByRole("menuitem", { name: "Remove" }));
  const remove = screen.getByRole("button", { name: "Remove ben" });
  await view.person.type(screen.getByLabelText("Type ben to go on"), "bem");
  await view.person.click(remove);
  await screen.findByText("Type ben to go on.");
  expect(view.asked.some(({ route }) => route.startsWith("DELETE"))).toBe(false);
  await view.person.type(screen.getByLabelText("Type ben to go on"), "{Backspace}n");
  await view.person.click(remove);
  await screen.findByText("ben was removed");
  expect(view.asked.map(({ route }) => route)).toContain("DELETE /api/v1/users/usr-ben");
});

it("explains why nobody changes their own role", async () => {
  const view = visit(Page, server);
  await menuOf("ann", view);
  await view.person.click(await screen.findByRole("menuitem", { name: "Change role" }));
  await screen.findByText(/Nobody takes their own rights away/);
});

it("tells whoever does not administer who does, and asks for nothing", async () => {
  const { asked } = visit(Page, server, { role: "operator" });
  await screen.findByText("Administrators look after people");
  expect(asked).toEqual([]);
});

it("says that it could not be loaded, and tries again", async () => {
  let isAway = true;
  const view = visit(Page, (route) => (isAway ? refusal(500, "the disk is full") : server(route)));
  await screen.findByText(/the disk is full/);
  isAway = false;
  await view.person.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("list", { name: "People" });
});
