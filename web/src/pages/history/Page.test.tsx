// @vitest-environment jsdom
// The page "History", as somebody uses it who looks for something.

import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { type Answers, refusal, visit } from "@/testing/visit";
import { Page } from "./Page";
import { historySearch } from "./search";

const command = (number: number, line: string, exitCode = 0) => ({
  id: `cmd-${number}`,
  agentId: "build-1",
  command: line,
  status: exitCode === 0 ? "completed" : "failed",
  exitCode,
  priority: "normal",
  timeout: 1000,
  requestedBy: "ben",
  requestedAt: new Date(1_790_000_000_000 + number * 1000).toISOString(),
  executionTime: 1500,
});

const HIT = {
  agentId: "build-1",
  commandId: "cmd-2",
  epoch: 0,
  position: 4096,
  at: "2026-11-21T20:30:00.000Z",
  excerpt: "before\n<img src=x> the needle & more\nafter\nfar",
};

const COMMANDS = [command(2, "make needle", 2), command(1, "make")];

const answers: Answers = (route, _, query) => {
  const q = query.get("q") ?? "";
  if (route === "GET /api/v1/commands") {
    return { commands: COMMANDS.filter((one) => one.command.includes(q)) };
  }
  if (route === "GET /api/v1/search") return { hits: [HIT], next: 7 };
  if (route === "GET /api/v1/audit") return { records: [] };
  return route === "GET /api/v1/users" ? { users: [] } : COMMANDS[0];
};

const shown = (path: string, replies = answers, role = "admin") => {
  const { asked, history, person } = visit(Page, replies, {
    role,
    path,
    route: { at: "/history", read: historySearch },
  });
  return { asked, person, address: () => new URL(history.location.href, "http://house") };
};

it("lists commands with how they ended, and leads to each", async () => {
  shown("/history");
  const row = await screen.findByRole("link", { name: "make needle" });
  expect(row.getAttribute("href")).toBe("/history/commands/cmd-2");
  const rows = within(screen.getByRole("list", { name: "Commands" })).getAllByRole("listitem");
  expect(rows).toHaveLength(2);
  expect(rows[0]?.textContent).toMatch(/Failed.*exit 2.*build-1.*ben.*1\.5 s/);
  expect(
    within(rows[1] ?? document.body)
      .getByRole("link", { name: "Run again" })
      .getAttribute("href"),
  ).toBe("/agents/build-1?line=make");
});

it("searches while one types, and says how many of each kind there are", async () => {
  const { asked, address, person } = shown("/history?agent=build-1");
  await screen.findByRole("link", { name: "make needle" });
  await person.keyboard("/needle");
  await screen.findByRole("link", { name: "Output 1+" });
  await screen.findByRole("link", { name: "Commands 1" });
  expect(address().searchParams.get("q")).toBe("needle");
  expect(address().searchParams.get("agent")).toBe("build-1");
  const last = asked.findLast(({ route }) => route === "GET /api/v1/search");
  expect(last?.query.get("agentId")).toBe("build-1");
});

it("shows what was printed as text, with the words marked, and leads to the place", async () => {
  shown("/history?kind=output&q=the+needle");
  const hit = await screen.findByRole("link", { name: /the needle/ });
  expect(hit.getAttribute("href")).toBe("/history/commands/cmd-2?at=4096&q=the+needle");
  expect(hit.textContent).toBe("before\n<img src=x> the needle & more\nafter");
  expect(document.querySelector("main img, [aria-label=Output] img")).toBeNull();
  const marks = [...hit.querySelectorAll("mark")].map((mark) => mark.textContent);
  expect(marks).toEqual(["the", "needle"]);
});

it("is walked through with arrows", async () => {
  const { person } = shown("/history");
  await screen.findByRole("link", { name: "make needle" });
  await person.keyboard("/{ArrowDown}");
  expect(document.activeElement?.textContent).toBe("make needle");
  await person.keyboard("{ArrowDown}");
  expect(document.activeElement?.textContent).toBe("make");
  await person.keyboard("{ArrowUp}");
  expect(document.activeElement?.textContent).toBe("make needle");
});

it("says that nothing fits, and takes words and filters away", async () => {
  const { address, person } = shown("/history?q=absent&status=failed");
  await person.click(await screen.findByRole("button", { name: "Clear words and filters" }));
  await screen.findByRole("link", { name: "make needle" });
  expect(address().search).toBe("");
});

it("says why it could not be loaded, and tries again", async () => {
  const answer = vi.fn<Answers>().mockImplementation(() => refusal(400, "there is no such agent"));
  const { person } = shown("/history", answer);
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("there is no such agent");
  answer.mockImplementation(answers);
  await person.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("link", { name: "make needle" });
});

it("does not offer the audit to others than administrators", async () => {
  const { asked } = shown("/history?q=make", answers, "operator");
  await screen.findByRole("link", { name: "Commands 2" });
  expect(screen.queryByRole("link", { name: /Audit/ })).toBeNull();
  expect(asked.map(({ route }) => route)).not.toContain("GET /api/v1/audit");
});
