// @vitest-environment jsdom
// The page "Audit", as an administrator uses it, and as others see it.

import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { auditSearch } from "@/features/audit/search";
import { type Answers, refusal, visit } from "@/testing/visit";
import { Page } from "./Page";

const RECORDS = [
  {
    id: "aud-2",
    at: "2026-11-21T20:31:00.000Z",
    userId: "usr-9",
    userName: "vera",
    address: "10.0.0.7",
    program: "curl/8",
    action: "agent.pause",
    description: "Paused an agent: build-1",
    subject: "build-1",
    agentId: "build-1",
    agentName: "Build one",
    result: "denied",
    refusal: "this takes the role operator or admin",
  },
  {
    id: "aud-1",
    at: "2026-11-21T20:30:00.000Z",
    userId: "usr-1",
    userName: "ann",
    address: "127.0.0.1",
    action: "command.interrupt",
    description: "Interrupted a command: cmd-7",
    subject: "cmd-7",
    detail: "make <b>all</b>",
    result: "success",
  },
];

const answers: Answers = (route, _, query) => {
  if (route === "GET /api/v1/users") {
    return { users: [{ id: "usr-9", name: "vera", role: "viewer" }] };
  }
  const result = query.get("result");
  return { records: RECORDS.filter((record) => result === null || record.result === result) };
};

const shown = (replies = answers, role = "admin") => {
  const { asked, history, person } = visit(Page, replies, {
    role,
    path: "/audit",
    route: { at: "/audit", read: auditSearch },
  });
  return { asked, person, address: () => new URL(history.location.href, "http://house") };
};

it("says who did what, what was refused and why, and leads to what it was about", async () => {
  shown();
  const [refused, done] = within(await screen.findByRole("list", { name: "Records" })).getAllByRole(
    "listitem",
  );
  expect(refused?.textContent).toMatch(/vera.*Paused an agent.*this takes the role.*Refused/);
  expect(done?.textContent).toContain("make <b>all</b>");
  expect(screen.getByRole("link", { name: "Build one" }).getAttribute("href")).toBe(
    "/agents/build-1",
  );
  expect(screen.getByRole("link", { name: "cmd-7" }).getAttribute("href")).toBe(
    "/history/commands/cmd-7",
  );
});

it("opens a record", async () => {
  const { person } = shown();
  const row = await screen.findByRole("button", { name: "Paused an agent" });
  expect(screen.queryByText(/curl/)).toBeNull();
  await person.click(row);
  expect(row.getAttribute("aria-expanded")).toBe("true");
  expect(screen.getByText(/curl/).textContent).toContain("from 10.0.0.7 with curl/8");
  await person.click(row);
  expect(screen.queryByText(/curl/)).toBeNull();
});

it("is narrowed down by choices, which stand in the address", async () => {
  const { asked, address, person } = shown();
  await person.click(await screen.findByRole("combobox", { name: "Result: any result" }));
  await person.click(await screen.findByRole("option", { name: "Refused" }));
  await screen.findByRole("combobox", { name: "Result: Refused" });
  expect(address().searchParams.get("result")).toBe("denied");
  expect(asked.findLast(({ route }) => route === "GET /api/v1/audit")?.query.get("result")).toBe(
    "denied",
  );
  expect(await screen.findAllByRole("listitem")).toHaveLength(1);
  await person.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(address().search).toBe("");
});

it("tells others whose it is", async () => {
  shown(() => refusal(403, "this takes the role admin"), "operator");
  await screen.findByText("The audit is for administrators");
  expect(screen.queryByRole("button", { name: "Export" })).toBeNull();
});
