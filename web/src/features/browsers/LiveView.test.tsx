// @vitest-environment jsdom
// One browser as people see it: who steers, what they may do, and why a picture is old.
import { act, screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import type { Browser } from "pilothouse-client";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { browser as browserWith } from "@/testing/browsers";
import { renderInside, type Surroundings } from "@/testing/inside";
import { FakeServer, type FakeSocket } from "../../../../sdk/typescript/src/test/fakeServer";
import { control, status } from "../../../../sdk/typescript/src/test/live";
import { LiveView } from "./LiveView";
import { Watching } from "./watching";

beforeEach(() => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  return () => vi.unstubAllGlobals();
});

async function shown(
  browser: Browser | undefined = browserWith(),
  surroundings: Surroundings = {},
) {
  const server = new FakeServer();
  const watching = new Watching({
    ...server.options,
    token: "t",
    sessionId: "s1",
    hasEvents: true,
  });
  const view = <LiveView {...{ watching, sessionId: "s1", name: "Checkout", browser }} />;
  const { asked } = await renderInside(view, surroundings);
  watching.show(true);
  const knocked = async (count: number) => {
    await vi.waitFor(() => expect(server.sockets).toHaveLength(count));
    const socket = server.sockets.at(-1);
    if (socket === undefined) throw new Error("nobody knocked");
    return socket;
  };
  const socket = await knocked(1);
  act(() => socket.accept());
  const says = (to: FakeSocket, ...messages: readonly object[]) => act(() => to.say(...messages));
  const last = () => socket.heard.at(-1);
  return { watching, asked, socket, says, last, knocked, person: userEvent.setup() };
}

const bar = () => screen.getByRole("region", { name: "Control" });
const button = (name: string | RegExp) => screen.getByRole("button", { name });

describe("control", () => {
  it("is taken when nobody has it, and handed back", async () => {
    const { socket, says, last, person } = await shown();
    says(socket, status(), control());
    await person.click(button("Take control"));
    expect(last()).toEqual({ type: "control", action: "request" });
    says(socket, control({ you: true, holder: { name: "ann", user: "usr-ann" } }));
    expect(bar().textContent).toContain("You steer.");
    await person.click(button("Hand back"));
    expect(last()).toEqual({ type: "control", action: "release" });
  });

  it("is asked for when somebody else has it, waited for, and declined", async () => {
    const { socket, says, last, person } = await shown();
    const others = control({ holder: { name: "ben", user: "usr-ben" } });
    says(socket, status(), others);
    await person.click(button("Ask for control"));
    expect(last()).toEqual({ type: "control", action: "request" });
    says(socket, { ...others, waiting: [{ id: "7", name: "ann" }], asked: true });
    expect(bar().textContent).toContain("ben was asked; you wait for the answer.");
    expect(button("Ask no longer")).toBeTruthy();
    says(socket, { ...others, asked: false });
    await screen.findByText("Your request was not granted");
    expect(button("Ask for control")).toBeTruthy();
    // Taking it away is for administrators.
    expect(screen.queryByRole("button", { name: "Take over…" })).toBeNull();
  });

  it("is handed over or not, to one of those who ask", async () => {
    const { socket, says, last, person } = await shown();
    const waiting = [
      { id: "7", name: "ben" },
      { id: "8", name: "vera" },
    ];
    says(socket, status(), control({ you: true, waiting }));
    await person.click(button("Hand over to ben"));
    expect(last()).toEqual({ type: "control", action: "grant", id: "7" });
    const list = screen.getByRole("list", { name: "Who asks for control" });
    const [, vera] = within(list).getAllByRole("listitem");
    if (vera === undefined) throw new Error("vera does not ask");
    await person.click(within(vera).getByRole("button", { name: "Decline" }));
    expect(last()).toEqual({ type: "control", action: "decline", id: "8" });
  });

  it("ends soon, unless somebody says that they are still there", async () => {
    const { socket, says, last, person } = await shown();
    const until = new Date(Date.now() + 25_000).toISOString();
    says(socket, status(), control({ you: true, until, warning: true }));
    expect(bar().textContent).toMatch(/0:2\d left/);
    await person.click(button("Keep control"));
    expect(last()).toEqual({ type: "control", action: "renew" });
  });

  it("is taken away by an administrator who is sure", async () => {
    const { socket, says, last, person } = await shown(browserWith(), { role: "admin" });
    says(socket, status(), control({ holder: { name: "ben", user: "usr-ben" } }));
    await person.click(button("Take over…"));
    await person.click(await screen.findByRole("button", { name: "Take it from ben" }));
    expect(last()).toEqual({ type: "control", action: "take" });
  });

  it("is not for those who only watch", async () => {
    const { socket, says } = await shown(browserWith(), { role: "viewer" });
    says(socket, status(), control({ mayRequest: false }));
    expect(bar().textContent).toBe("Nobody steers. You may watch, but not steer.");
    says(socket, control({ mayRequest: false, holder: { name: "ben", user: "usr-ben" } }));
    expect(bar().textContent).toBe("ben steers. You may watch, but not steer.");
    expect(within(bar()).queryByRole("button")).toBeNull();
  });
});

describe("where it is", () => {
  it("is shown to everybody, and changed by whoever steers", async () => {
    const { socket, says, asked, person } = await shown(browserWith(), { answer: () => ({}) });
    says(socket, status({ url: "https://shop.test/cart" }), control());
    const address = screen.getByRole("textbox", { name: "Address" });
    expect([address.getAttribute("value"), address.hasAttribute("readonly")]).toEqual([
      "https://shop.test/cart",
      true,
    ]);
    expect(button("Back").hasAttribute("disabled")).toBe(true);
    says(socket, control({ you: true }));
    await person.click(button("Reload"));
    await person.clear(address);
    await person.type(address, "localhost:8080/x{Enter}");
    expect(asked.map(({ route, body }) => [route, body])).toEqual([
      ["POST /api/v1/sessions/s1/browser/go", { action: "reload" }],
      ["POST /api/v1/sessions/s1/browser/go", { url: "http://localhost:8080/x" }],
    ]);
  });

  it("has tabs, which whoever steers chooses, closes and opens", async () => {
    const { socket, says, asked, person } = await shown(browserWith(), { answer: () => ({}) });
    const tab = (id: string, title: string, active: boolean) => ({ id, title, url: "", active });
    says(socket, status(), control({ you: true }), {
      type: "tabs",
      tabs: [tab("a", "Cart", true), tab("b", "", false)],
    });
    expect(button("Cart").getAttribute("aria-current")).toBe("true");
    await person.click(button("Empty page"));
    await person.click(button("New tab"));
    await person.click(button("Close Cart"));
    expect(asked.map(({ body }) => body)).toEqual([
      { action: "select", tab: "b" },
      { action: "new" },
      { action: "close", tab: "a" },
    ]);
  });
});

describe("a picture that is old", () => {
  it("is said to be so when the connection is lost, and comes back when it is asked to", async () => {
    const { socket, says, knocked, person } = await shown();
    says(socket, status(), control());
    act(() => socket.end(1006, "the network is gone"));
    expect((await screen.findByRole("alert")).textContent).toMatch(
      /The connection was lost\. The network is gone\..*Again in \d s\./,
    );
    expect(bar().textContent).toBe("Who steers is not known yet.");
    await person.click(button("Reconnect"));
    const next = await knocked(2);
    act(() => next.accept());
    says(next, status(), control());
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is said to be so when nobody sends pictures, and why", async () => {
    const { socket, says } = await shown();
    says(socket, status({ live: false, reason: "the agent is away" }));
    expect((await screen.findByRole("alert")).textContent).toContain("The agent is away.");
  });

  it("is none yet while the browser opens, and after it could not be", async () => {
    await shown(browserWith({ state: "opening" }));
    expect(screen.getByText("The browser is opening.")).toBeTruthy();
    await shown(browserWith({ state: "failed", incident: "chromium is not installed" }));
    expect(screen.getByRole("alert").textContent).toContain("Chromium is not installed.");
  });
});
