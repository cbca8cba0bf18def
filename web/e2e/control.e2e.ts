// Steering everything at once, and what somebody sees who may only watch.
import { expect, test } from "./harness/test";

test("the emergency stop ends what runs everywhere, says what became of it, and lets it go on", async ({
  startProgram,
  openPage,
}) => {
  const program = await startProgram({}, ["build-1", "build-2"]);
  const rest = await program.rest();
  const { id } = await rest.call("POST /api/v1/commands", {
    body: { agentId: "build-1", command: "sleep 600" },
  });
  const page = await openPage(program);
  await page.getByText("sleep 600").waitFor();
  await page.getByRole("button", { name: "Emergency stop" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("1 running command").waitFor();
  await dialog.getByLabel(/Why/).fill("a drill");
  // A slip does nothing.
  const stop = dialog.getByRole("button", { name: "Hold to stop everything" });
  await stop.click();
  expect(
    await rest.call("GET /api/v1/commands/{command}", { path: { command: id } }),
  ).toMatchObject({
    status: "running",
  });
  await stop.click({ delay: 1500 });
  await dialog.getByText("Everything is stopped").waitFor();
  await dialog.getByText("ended 1 command").waitFor();
  expect(
    await rest.call("GET /api/v1/commands/{command}", { path: { command: id } }),
  ).toMatchObject({
    status: "interrupted",
  });
  await dialog.getByRole("button", { name: "Let all go on" }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  const { id: after } = await rest.call("POST /api/v1/commands", {
    body: { agentId: "build-1", command: "true" },
  });
  await expect
    .poll(
      async () =>
        (await rest.call("GET /api/v1/commands/{command}", { path: { command: after } })).status,
    )
    .toBe("completed");
});

test("whoever may only watch sees everything, and no button that acts", async ({
  world,
  openPage,
}) => {
  const page = await openPage(world.program, { user: "vera", role: "viewer" });
  await page.getByText("Shop build").first().waitFor();
  const acting = page.getByRole("button", {
    name: /Emergency stop|Pause|Resume|Interrupt|Stop|New session|Dismiss|New preset|Make|Revoke/,
  });
  for (const [path, text] of [
    ["/", "Shop build"],
    ["/agents/docs-preview", "./crawl"],
    ["/sessions", "Postal codes"],
    ["/presets", "Test the shop"],
  ] as const) {
    await page.goto(path);
    await page.getByText(text).first().waitFor();
    const names = await acting.allTextContents();
    expect(names, `buttons that act on ${path}`).toEqual([]);
  }
  await page.goto("/agents/docs-preview");
  expect(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()).toBe(true);
});

test("what waits for a person comes first, and goes when somebody has seen to it", async ({
  world,
  openPage,
}) => {
  const page = await openPage(world.program);
  const waiting = page.getByRole("region", { name: /Waits for you/ });
  await waiting.getByText("Apply these changes to 2 files?").waitFor();
  await waiting.getByText("./build").waitFor();
  await waiting.getByRole("button", { name: /Dismiss: payments-build/ }).click();
  await waiting.getByText("./build").waitFor({ state: "detached" });
});
