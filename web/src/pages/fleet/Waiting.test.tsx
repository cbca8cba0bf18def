// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Run, rest } from "pilothouse-client";
import { expect, it, vi } from "vitest";
import { renderInside } from "@/testing/inside";
import { aRun, told } from "@/testing/runs";
import { WaitingList } from "./Waiting";

const since = new Date(Date.now() - 4 * 60_000).toISOString();
const asks: rest.WaitingItem = {
  agentId: "shop",
  answer: "type",
  reason: "workerAsks",
  sessionId: "s1",
  since,
  subjectId: "w1",
  subjectType: "worker",
  text: "Apply these changes?",
};
const failed: rest.WaitingItem = {
  agentId: "build",
  answer: "dismiss",
  reason: "commandFailed",
  since,
  subjectId: "cmd-1",
  subjectType: "command",
  text: "exit code 2",
};
const answer = ({ route }: { readonly route: string }) =>
  route.startsWith("DELETE")
    ? new Response(null, { status: 204 })
    : { id: "cmd-1", command: "make all", status: "failed" };

const row = async (words: RegExp) => {
  const found = (await screen.findAllByRole("listitem")).find(({ textContent }) =>
    words.test(textContent ?? ""),
  );
  return within(found ?? document.body);
};

it("who asks is answered in the terminal that asks, with the age of the question", async () => {
  await renderInside(<WaitingList items={[asks, failed]} />, { answer });
  const shop = await row(/shop/);
  expect(shop.getByText("Apply these changes?")).toBeTruthy();
  expect(shop.getByText("4 min")).toBeTruthy();
  const link = shop.getByRole("link", { name: "Answer" });
  expect(link.getAttribute("href")).toBe("/sessions/s1?worker=w1");
  expect(shop.queryByRole("button", { name: /Dismiss/ })).toBeNull();
});

it("a failed command says its line, leads to its output, and is dismissed", async () => {
  const { asked } = await renderInside(<WaitingList items={[asks, failed]} />, { answer });
  await screen.findByText(/exit code 2 · make all/);
  const build = await row(/build/);
  expect(build.getByRole("link", { name: "Look at it" }).getAttribute("href")).toBe(
    "/history/commands/cmd-1",
  );
  await userEvent.click(build.getByRole("button", { name: /Dismiss/ }));
  expect(asked.map(({ route }) => route)).toContain("DELETE /api/v1/attention/command/cmd-1");
});

it("viewers see it, and cannot dismiss it", async () => {
  await renderInside(<WaitingList items={[failed]} />, { answer, role: "viewer" });
  await screen.findByText(/exit code 2/);
  expect(screen.queryByRole("button", { name: /Dismiss/ })).toBeNull();
});

it("nothing is shown while nothing waits", async () => {
  await renderInside(<WaitingList items={[]} />);
  expect(screen.queryByRole("heading")).toBeNull();
});

const run: Run = aRun({
  id: "run-7",
  userId: "usr-ben",
  waiting: {
    id: "w1",
    kind: "approval",
    text: "Send the order?",
    since,
    method: "POST",
    url: "https://shop.test/orders",
  },
});
const wants: rest.WaitingItem = {
  agentId: "shop",
  answer: "decide",
  reason: "runWantsApproval",
  since,
  subjectId: "run-7",
  subjectType: "run",
  text: "Send the order?",
};

it("a run that wants approval is decided right there", async () => {
  const { asked } = await renderInside(<WaitingList items={[wants]} />, {
    answer: ({ route }) => {
      if (route === "GET /api/runs/run-7") return told({ run, steps: [] });
      return route === "POST /api/runs/run-7/decision" ? told({ run }) : undefined;
    },
  });
  const shop = await row(/run wants approval/);
  await userEvent.click(shop.getByRole("button", { name: "Decide…" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Buy a teapot" }));
  await dialog.findByText("POST https://shop.test/orders");
  expect(dialog.getByRole("link", { name: "Look at the run" }).getAttribute("href")).toBe(
    "/runs/run-7",
  );
  await userEvent.click(dialog.getByRole("button", { name: "Approve" }));
  await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(asked.find(({ route }) => route.endsWith("/decision"))?.body).toEqual({
    waitId: "w1",
    granted: true,
  });
});

it("what somebody else answered meanwhile is said to be so", async () => {
  await renderInside(<WaitingList items={[{ ...wants, answer: "reply", reason: "runAsks" }]} />, {
    answer: ({ route }) =>
      route === "GET /api/runs/run-7"
        ? told({ run: { ...run, waiting: undefined }, steps: [] })
        : undefined,
  });
  await userEvent.click(await screen.findByRole("button", { name: "Answer…" }));
  await screen.findByText("It waits for nobody any more.");
});

it("a run that failed leads to itself, and is dismissed", async () => {
  const item = { ...failed, reason: "runFailed", subjectType: "run", subjectId: "run-7" };
  const { asked } = await renderInside(<WaitingList items={[item]} />, { answer });
  const link = await screen.findByRole("link", { name: "Look at it" });
  expect(link.getAttribute("href")).toBe("/runs/run-7");
  await userEvent.click(screen.getByRole("button", { name: "Dismiss: build run failed" }));
  expect(asked.map(({ route }) => route)).toContain("DELETE /api/v1/attention/run/run-7");
});
