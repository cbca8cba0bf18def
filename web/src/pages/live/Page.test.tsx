// @vitest-environment jsdom
// The wall: every browser, how it is, and who steers it.
import { screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { keys } from "@/api/keys";
import { browser } from "@/testing/browsers";
import { aRun, told } from "@/testing/runs";
import { type Answers, refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const session = (id: string, title: string, status = "active") => ({
  id,
  title,
  status,
  type: "quick",
  agent: "build-1",
  locationPath: "/srv",
  createdAt: "2026-01-01T00:00:00Z",
  workers: [],
});

/** Sees everything at once. */
class Everything {
  constructor(private readonly seen: (entries: readonly { isIntersecting: boolean }[]) => void) {}
  observe() {
    this.seen([{ isIntersecting: true }]);
  }
  disconnect() {}
}

const opened: string[] = [];

class FakeSocket extends EventTarget {
  readonly bufferedAmount = 0;
  constructor(url: string) {
    super();
    opened.push(url);
  }
  send() {}
  close() {}
}

beforeEach(() => {
  opened.length = 0;
  vi.stubGlobal("IntersectionObserver", Everything);
  vi.stubGlobal("WebSocket", FakeSocket);
  return () => vi.unstubAllGlobals();
});

const answers =
  (browsers: readonly object[]): Answers =>
  (route) =>
    route === "GET /api/v1/browsers" ? { browsers } : undefined;

function visitWith(answer: Answers, role = "operator") {
  const visited = visit(Page, answer, { role });
  const sessions = [
    session("s1", "Checkout"),
    session("s2", "Search"),
    session("s3", "Off", "inactive"),
  ];
  visited.cache.setQueryData(keys.sessions, new Map(sessions.map((one) => [one.id, one])));
  return visited;
}

test("each browser is shown by its session, with how it is and who steers", async () => {
  visitWith(
    answers([
      browser({
        sessionId: "s2",
        state: "failed",
        live: false,
        incident: "Chromium is not installed",
      }),
      browser({ control: { epoch: 0, until: null, holder: { name: "ben", user: "usr-ben" } } }),
    ]),
  );
  // A tile says that it has no picture when it has looked for one.
  await vi.waitFor(() =>
    expect(screen.getAllByRole("listitem").map(({ textContent }) => textContent)).toEqual([
      "No picture yetben steersCheckoutliveThe shopbuild-1",
      "No picture yetSearchfailedChromium is not installedbuild-1",
    ]),
  );
  expect(screen.getByRole("link", { name: /Checkout/ }).getAttribute("href")).toBe("/live/s1");
});

test("what is seen is asked for, slowly and as bytes", async () => {
  visitWith(answers([browser()]));
  await screen.findByRole("listitem");
  await vi.waitFor(() => expect(opened).toHaveLength(1));
  expect(opened[0]).toBe("ws://house/ws/view/s1?binary=1&pacing=ack&maxFps=1");
});

test("whoever may act opens one in a session whose machine is there", async () => {
  const { person, asked } = visitWith((route) => {
    if (route === "GET /api/v1/browsers") return { browsers: [] };
    return route === "POST /api/v1/sessions/s2/browser"
      ? { browser: browser({ sessionId: "s2" }) }
      : undefined;
  });
  await person.click(await screen.findByRole("button", { name: "Open a browser" }));
  const choice = screen.getByRole("combobox", { name: "Session" });
  expect([...choice.querySelectorAll("option")].map(({ textContent }) => textContent)).toEqual([
    "Checkout, on build-1",
    "Search, on build-1",
  ]);
  await person.selectOptions(choice, "s2");
  await person.click(screen.getByRole("button", { name: "Next" }));
  await person.type(screen.getByRole("textbox", { name: "Address" }), "shop.test/cart");
  await person.selectOptions(screen.getByRole("combobox", { name: /Size/ }), "390x844");
  await person.click(screen.getByRole("button", { name: "Open" }));
  await vi.waitFor(() =>
    expect(asked.find(({ route }) => route.startsWith("POST"))?.body).toEqual({
      url: "https://shop.test/cart",
      width: 390,
      height: 844,
    }),
  );
});

test("whoever only watches is offered nothing to open", async () => {
  visitWith(answers([]), "viewer");
  await screen.findByText("No browser is open");
  expect(screen.queryByRole("button", { name: "Open a browser" })).toBeNull();
});

test("a list that cannot be had is said, and can be asked for again", async () => {
  let isBroken = true;
  const { person } = visitWith((route) => {
    if (route !== "GET /api/v1/browsers") return undefined;
    return isBroken ? refusal(500, "the core is stuck") : { browsers: [] };
  });
  await screen.findByText("the core is stuck");
  isBroken = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("No browser is open");
});

test("the browser of a run is called by what it does, though it is of no session", async () => {
  visitWith((route) => {
    if (route === "GET /api/v1/browsers") return { browsers: [browser({ sessionId: "run-1" })] };
    return route === "GET /api/runs" ? told({ runs: [aRun()] }) : undefined;
  });
  await screen.findByRole("link", { name: /Buy a teapot/ });
});
