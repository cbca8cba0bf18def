// @vitest-environment jsdom
// One run: its steps, what it waits for, and what can be done about it.
import { screen, within } from "@testing-library/react";
import type { Run, RunStep } from "pilothouse-client";
import { beforeEach, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { aRun, aStep, refused, told } from "@/testing/runs";
import { type Answers, visit } from "@/testing/visit";
import { Page } from "./Page";
import { runSearch } from "./search";

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

let saved: { readonly name: string; readonly blob: Blob }[];

beforeEach(() => {
  opened.length = 0;
  saved = [];
  let last: Blob | undefined;
  vi.stubGlobal("IntersectionObserver", Everything);
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal(
    "URL",
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        last = blob;
        return "blob:picture";
      },
      revokeObjectURL: () => {},
    }),
  );
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    if (last !== undefined && this.download !== "") saved.push({ name: this.download, blob: last });
  });
  return () => vi.unstubAllGlobals();
});

const PICTURE = Uint8Array.of(0xff, 0xd8, 0xff);

/** A run on the server; `asked` may change it. */
function house(first: Run, steps: readonly RunStep[] = [], more: Answers = () => undefined) {
  const state = { run: first };
  const answers: Answers = (route, body, query) => {
    const own = more(route, body, query);
    if (own !== undefined) return own;
    if (route === "GET /api/runs/run-1") {
      const after = Number(query.get("after"));
      return told({ run: state.run, steps: steps.filter(({ number }) => number > after) });
    }
    if (/^GET .*\/screenshot$/.test(route)) return new Response(PICTURE);
    if (/^POST \/api\/runs\/run-1\//.test(route)) return told({ run: state.run });
    return undefined;
  };
  return { state, answers };
}

function visitRun(answers: Answers, { role = "operator", path = "/runs/run-1" } = {}) {
  const route = { at: "/runs/$runId", read: runSearch };
  const visited = visit(Page, answers, { role, path, route });
  visited.cache.setQueryData(keys.fleet, new Map());
  visited.cache.setQueryData(keys.sessions, new Map());
  visited.cache.setQueryData(keys.browsers, new Map());
  return visited;
}

const over = { status: "COMPLETED", endedAt: "2026-01-01T00:01:01Z" };
const steps = [aStep(1), aStep(2), aStep(3, { hasScreenshot: false })];
const shown = () => screen.getByRole("region", { name: /^Step \d/ }).getAttribute("aria-label");
const since = "2026-01-01T00:00:00Z";

it("the last step is shown large, with what was done and why; arrows lead through the others", async () => {
  const { answers } = house(aRun({ ...over, stepCount: 3, answer: "48 €" }), steps);
  const { person, history } = visitRun(answers);
  expect(await screen.findByRole("region", { name: "Step 3" })).toBeTruthy();
  expect(screen.getByRole("region", { name: "Answer" }).textContent).toContain("48 €");
  await person.keyboard("{ArrowLeft}");
  await vi.waitFor(() => expect(shown()).toBe("Step 2"));
  expect(history.location.search).toBe("?step=2");
  const step = within(screen.getByRole("region", { name: "Step 2" }));
  expect(step.getByText("Click button “Button 2”")).toBeTruthy();
  expect(step.getByText("because of 2")).toBeTruthy();
  const label = "The page after step 2: Click button “Button 2”";
  expect((await step.findByRole("img", { name: label })).getAttribute("src")).toBe("blob:picture");
  await person.keyboard("{Home}");
  await vi.waitFor(() => expect(shown()).toBe("Step 1"));
  await person.keyboard("{End}");
  await vi.waitFor(() => expect(shown()).toBe("Step 3"));
  const film = within(screen.getByRole("list", { name: "Steps" }));
  await person.click(film.getByRole("button", { name: /^1 ?Click/ }));
  await vi.waitFor(() => expect(shown()).toBe("Step 1"));
});

it("while it goes on its browser is shown, under its own name, and new steps are asked for alone", async () => {
  const all = [...steps];
  const { state, answers } = house(aRun({ stepCount: 3 }), all);
  const { cache, asked } = visitRun(answers);
  await screen.findByRole("button", { name: "Now" });
  await vi.waitFor(() =>
    expect(opened.some((url) => url.startsWith("ws://house/ws/view/run-1?"))).toBe(true),
  );
  expect(opened).toContain("ws://house/ws");
  all.push(aStep(4));
  state.run = aRun({ stepCount: 4 });
  await cache.invalidateQueries({ queryKey: keys.run("run-1") });
  await screen.findByRole("button", { name: /^4 ?Click/ });
  const queries = asked.filter(({ route }) => route === "GET /api/runs/run-1");
  const [first, ...others] = queries.map(({ query }) => query.get("after"));
  expect([first, others[0]]).toEqual(["0", "3"]);
  expect(others).not.toContain("0");
});

it("a question is answered by whoever made the run", async () => {
  const waiting = { id: "w1", kind: "question", text: "Which size?", since } as const;
  const { state, answers } = house(aRun({ waiting }));
  const { person, asked } = visitRun(answers);
  const box = within(await screen.findByRole("region", { name: "Waits for a person" }));
  expect(box.getByText("Which size?")).toBeTruthy();
  const send = box.getByRole("button", { name: "Answer" });
  expect(send).toHaveProperty("disabled", true);
  await person.click(box.getByLabelText("Your answer"));
  await person.paste("42");
  state.run = aRun();
  await person.click(send);
  await vi.waitFor(() =>
    expect(screen.queryByRole("region", { name: "Waits for a person" })).toBeNull(),
  );
  expect(asked.find(({ route }) => route.endsWith("/reply"))?.body).toEqual({
    waitId: "w1",
    text: "42",
  });
});

it("others see the question, and who can answer", async () => {
  const waiting = { id: "w1", kind: "question", text: "Which size?", since } as const;
  visitRun(house(aRun({ waiting, userId: "usr-ben", requestedBy: "ben" })).answers);
  await screen.findByText(/ben, who made the run, or an administrator can answer/);
  expect(screen.queryByRole("textbox", { name: "Your answer" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
});

it("what needs approval is denied with a reason, for its host from then on", async () => {
  const waiting = {
    id: "w2",
    kind: "approval",
    text: "Send the order?",
    since,
    method: "POST",
    url: "https://shop.test/orders",
  } as const;
  const { answers } = house(aRun({ waiting, userId: "usr-ben" }));
  const { person, asked } = visitRun(answers);
  const box = within(await screen.findByRole("region", { name: "Waits for a person" }));
  expect(box.getByText("POST https://shop.test/orders")).toBeTruthy();
  await person.click(box.getByLabelText("Reason (optional)"));
  await person.paste("too dear");
  await person.click(
    box.getByRole("checkbox", { name: "The same for shop.test in the rest of this run" }),
  );
  await person.click(box.getByRole("button", { name: "Deny" }));
  await vi.waitFor(() =>
    expect(asked.find(({ route }) => route.endsWith("/decision"))?.body).toEqual({
      waitId: "w2",
      granted: false,
      reason: "too dear",
      always: true,
    }),
  );
});

it("an approval that comes too late says so", async () => {
  const waiting = { id: "w2", kind: "approval", text: "Send the order?", since } as const;
  const { answers } = house(aRun({ waiting }), [], (route) =>
    route.endsWith("/decision") ? refused(409, "it was denied a moment ago") : undefined,
  );
  const { person } = visitRun(answers);
  await person.click(await screen.findByRole("button", { name: "Approve" }));
  await screen.findByText("It was denied a moment ago.");
});

it("viewers see what waits, and decide nothing", async () => {
  const waiting = { id: "w2", kind: "approval", text: "Send the order?", since } as const;
  visitRun(house(aRun({ waiting })).answers, { role: "viewer" });
  await screen.findByText("Send the order?");
  await screen.findByText(/An operator or an administrator decides/);
  for (const name of ["Approve", "Deny", "Pause", "Cancel the run"]) {
    expect(screen.queryByRole("button", { name }), name).toBeNull();
  }
});

it("it is paused, resumed and cancelled", async () => {
  const { state, answers } = house(aRun());
  const { person, asked } = visitRun(answers);
  await screen.findByRole("button", { name: "Pause" });
  state.run = aRun({ paused: true });
  await person.click(screen.getByRole("button", { name: "Pause" }));
  await screen.findByText("Paused");
  state.run = aRun();
  await person.click(screen.getByRole("button", { name: "Resume" }));
  await screen.findByText("Running");
  await person.click(screen.getByRole("button", { name: "Cancel the run" }));
  const dialog = within(await screen.findByRole("alertdialog"));
  state.run = aRun({ status: "CANCELLED" });
  await person.click(dialog.getByRole("button", { name: "Cancel the run" }));
  await screen.findByText("Cancelled");
  expect(screen.queryByRole("button", { name: "Pause" })).toBeNull();
  const posts = asked.map(({ route }) => route).filter((route) => route.startsWith("POST"));
  expect(posts.map((route) => route.split("/").at(-1))).toEqual(["pause", "resume", "cancel"]);
});

it("a run that is over is replayed as it was made, and the replay is shown", async () => {
  const run = aRun({
    ...over,
    commands: [{ type: "back" }],
    approval: true,
    allowedHosts: ["shop.test"],
    sessionId: "gone",
  });
  const { answers } = house(run, steps, (route) => {
    if (route === "POST /api/runs") return told({ run: aRun({ id: "run-2" }) });
    if (route === "GET /api/runs/run-2") return told({ run: aRun({ id: "run-2" }), steps: [] });
    return undefined;
  });
  const { person, asked, history } = visitRun(answers);
  await person.click(await screen.findByRole("button", { name: "Replay" }));
  await vi.waitFor(() => expect(history.location.pathname).toBe("/runs/run-2"));
  expect(asked.find(({ route }) => route === "POST /api/runs")?.body).toEqual({
    replay: "run-1",
    agentId: "shop-1",
    approval: true,
    allowedHosts: ["shop.test"],
  });
});

/** Takes something along. */
async function take(person: ReturnType<typeof visit>["person"], item: RegExp) {
  await person.click(await screen.findByText("Export"));
  await person.click(await screen.findByText(item));
  await vi.waitFor(() => expect(saved).toHaveLength(1), { timeout: 10_000 });
  return { name: saved[0]?.name, text: (await saved[0]?.blob.text()) ?? "" };
}

const COMMANDS = [{ type: "navigate", url: "https://shop.test" }];

it("its script is taken along", async () => {
  const { answers } = house(aRun({ ...over, commands: COMMANDS }), steps);
  const { name, text } = await take(visitRun(answers).person, /^Script \(JSON\)$/);
  expect([name, JSON.parse(text)]).toEqual(["run-1.json", COMMANDS]);
});

it("a report is taken along, with every picture that is kept", async () => {
  const { answers } = house(aRun({ ...over, commands: COMMANDS }), steps);
  const { name, text } = await take(visitRun(answers).person, /^Report/);
  expect(name).toBe("run-1.html");
  expect(text.match(/data:image\/jpeg;base64,\/9j\//g)).toHaveLength(2);
});

it("one that waits for its agent says so, and one that is not there too", async () => {
  visitRun(house(aRun({ status: "PENDING" })).answers);
  await screen.findByText("It waits to begin");
  expect(opened.filter((url) => url.includes("/ws/view/"))).toEqual([]);
});

it("a run that is not there is said to be so", async () => {
  visitRun(() => refused(404, "run run-1 is not known"));
  await screen.findByText("run run-1 is not known");
});
