// @vitest-environment jsdom
// The list of runs, what it is narrowed down to, and the dialog in which a run is made.
import { screen, within } from "@testing-library/react";
import type { Run } from "pilothouse-client";
import { expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import { aRun, refused, told } from "@/testing/runs";
import { type Answers, visit } from "@/testing/visit";
import { Page } from "./Page";
import { runsSearch } from "./search";

const list =
  (runs: readonly Run[], more: Answers = () => undefined): Answers =>
  (route, body, query) =>
    route === "GET /api/runs" ? told({ runs }) : more(route, body, query);

const agent = (agentId: string, capabilities: readonly string[]) => [
  agentId,
  { agent: { agentId, name: `The ${agentId}`, status: "online", capabilities } },
];

function visitRuns(answers: Answers, { role = "operator", path = "/runs" } = {}) {
  const route = { at: "/runs", read: runsSearch };
  const visited = visit(Page, answers, { role, path, route });
  const fleet = [agent("shop-1", ["browser"]), agent("build-1", ["commands"])];
  visited.cache.setQueryData(keys.fleet, new Map(Object.assign(fleet)));
  const session = {
    id: "s1",
    title: "Checkout",
    status: "active",
    agent: "shop-1",
    locationPath: "/srv",
    workers: [],
  };
  visited.cache.setQueryData(keys.sessions, new Map([["s1", session]]));
  return visited;
}

const wait = { id: "w1", kind: "approval", text: "Send the order?", since: "2026" } as const;

it("each run says how it is, what it is about, and leads to itself", async () => {
  visitRuns(
    list([
      aRun({ id: "run-3", waiting: wait }),
      aRun({ id: "run-2", status: "FAILED", error: "the page is gone", task: "Sell it" }),
    ]),
  );
  const rows = await screen.findAllByRole("listitem");
  const words = rows.map(({ textContent }) => textContent);
  expect(words[0]).toMatch(/^Wants approvalBuy a teapotSend the order\?The shop-1.*ann/);
  expect(words[1]).toMatch(/^FailedSell itthe page is gone/);
  expect(screen.getByRole("link", { name: "Buy a teapot" }).getAttribute("href")).toBe(
    "/runs/run-3",
  );
});

it("filters stand in the address, and are asked for", async () => {
  const { asked } = visitRuns(list([]), { path: "/runs?status=live&agent=shop-1&by=usr-ann" });
  await screen.findByText("No run fits");
  const query = asked.find(({ route }) => route === "GET /api/runs")?.query;
  expect(Object.fromEntries(query ?? [])).toEqual({
    agentId: "shop-1",
    userId: "usr-ann",
    status: "PENDING,INPROGRESS",
    limit: "200",
  });
});

it("a filter that is chosen narrows the list down, and can be cleared", async () => {
  const { person, asked, history } = visitRuns(list([aRun()]));
  await screen.findByRole("listitem");
  await person.click(screen.getByRole("combobox", { name: "State: any state" }));
  await person.click(await screen.findByRole("option", { name: /Failed/ }));
  await vi.waitFor(() => expect(history.location.search).toBe("?status=failed"));
  await vi.waitFor(() => expect(asked.map(({ query }) => query.get("status"))).toContain("FAILED"));
  await person.click(screen.getByRole("button", { name: "Clear filters" }));
  await vi.waitFor(() => expect(history.location.search).toBe(""));
});

/** Fills a field in at once: keys one by one take their time here. */
async function fill(person: ReturnType<typeof visit>["person"], label: string, text: string) {
  await person.click(screen.getByLabelText(label));
  await person.paste(text);
}

it("a task is started on the agent and in the browser that were chosen, with approval", async () => {
  const { person, asked, history } = visitRuns(
    list([], (route) => (route === "POST /api/runs" ? told({ run: aRun() }) : undefined)),
  );
  await person.click(await screen.findByText("New run"));
  await screen.findByRole("dialog", { name: "New run" });
  await person.click(screen.getByText("Start the run"));
  expect(screen.getByRole("alert").textContent).toBe("Say what is to be done.");
  await fill(person, "Task", "Buy a teapot");
  // An agent without a browser does no runs.
  expect(within(screen.getByLabelText("Agent")).queryByText(/build-1/)).toBeNull();
  await person.selectOptions(screen.getByLabelText("Browser"), "s1");
  await person.click(screen.getByRole("switch", { name: "Ask before it changes anything" }));
  await fill(person, "Hosts that need no approval", "shop.test");
  await fill(person, "Most steps", "7");
  await person.click(screen.getByText("Start the run"));
  await vi.waitFor(() => expect(history.location.pathname).toBe("/runs/run-1"));
  expect(asked.find(({ route }) => route === "POST /api/runs")?.body).toEqual({
    task: "Buy a teapot",
    agentId: "shop-1",
    sessionId: "s1",
    maxSteps: 7,
    approval: true,
    allowedHosts: ["shop.test"],
  });
});

it("a script says what is wrong with it, and a refusal of the server is shown", async () => {
  const { person, asked } = visitRuns(
    list([], (route) =>
      route === "POST /api/runs" ? refused(409, "no agent here takes runs") : undefined,
    ),
    { path: "/runs?new=1" },
  );
  await person.click(await screen.findByText("A script"));
  await fill(person, "Script", '[{"type":"navigate"},{"type":"fly"}]');
  await person.click(screen.getByText("Start the run"));
  const problems = screen.getByRole("alert").querySelectorAll("li");
  expect([...problems].map(({ textContent }) => textContent)).toEqual([
    "Action 1, navigate, needs `url`.",
    "Action 2: there is no action “fly”.",
  ]);
  await person.clear(screen.getByLabelText("Script"));
  await fill(person, "Script", '[{"type":"back"}]');
  expect(screen.queryByRole("alert")).toBeNull();
  await person.click(screen.getByText("Start the run"));
  expect((await screen.findByRole("alert")).textContent).toBe("No agent here takes runs.");
  expect(asked.find(({ route }) => route === "POST /api/runs")?.body).toEqual({
    script: [{ type: "back" }],
  });
});

it("whoever only watches is offered nothing to start", async () => {
  visitRuns(list([]), { role: "viewer", path: "/runs?new=1" });
  await screen.findByText("No runs yet");
  expect(screen.queryByRole("button", { name: "New run" })).toBeNull();
  expect(screen.queryByRole("dialog")).toBeNull();
});

it("a list that cannot be had is said, and can be asked for again", async () => {
  let isBroken = true;
  const { person } = visitRuns((route) => {
    if (route !== "GET /api/runs") return undefined;
    return isBroken ? refused(500, "the core is stuck") : told({ runs: [] });
  });
  await screen.findByText("the core is stuck");
  isBroken = false;
  await person.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("No runs yet");
});
