// Runs of a real agent, in a real browser of its own: scripts, approvals, questions, replays, taking over. Nothing is played.
import type { Page } from "playwright-core";
import { shows, takeControl } from "./harness/live";
import { SHOP_COLOUR, TeaShop } from "./harness/teaShop";
import { axe, test as bare, expect, Program } from "./harness/test";

type Script = readonly Readonly<Record<string, unknown>>[];

interface Shopping {
  readonly program: Program;
  readonly shop: TeaShop;
  /** Makes a run by its route, as ann. */
  make(wish: {
    readonly script: Script;
    readonly approval?: boolean;
    readonly allowedHosts?: readonly string[];
  }): Promise<string>;
}

const test = bare.extend<{ shopping: Shopping }>({
  shopping: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
    async ({}, use) => {
      const program = await Program.start({}, []);
      await program.agent("shopper", "--browser-allow", "loopback");
      const shop = await TeaShop.open();
      const token = await program.token("ann");
      const make: Shopping["make"] = async (wish) => {
        const response = await fetch(`${program.url}/api/runs`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ agentId: "shopper", ...wish }),
        });
        expect(response.status, await response.clone().text()).toBe(201);
        const { run }: { readonly run: { readonly id: string } } = await response.json();
        return run.id;
      };
      await use({ program, shop, make });
      await program.stop();
      await shop.close();
    },
    { scope: "file" },
  ],
});

/** Runs wait for each other on one agent, and a browser takes its time to open. */
const PATIENCE = { timeout: 90_000 } as const;

const stands = (page: Page, words: string) =>
  page.getByRole("main").getByRole("status").getByText(words, { exact: true }).waitFor(PATIENCE);

const waitBox = (page: Page) => page.getByRole("region", { name: "Waits for a person" });

const waits = async (page: Page) => {
  await waitBox(page).waitFor(PATIENCE);
  return waitBox(page);
};

/** A script that asks in the middle. */
const asking = (shop: TeaShop, name: string): Script => {
  const script = shop.script(name);
  return [
    ...script.slice(0, 1),
    { type: "ask", question: "Which tea is it to be?" },
    ...script.slice(1),
  ];
};

test("a script is started from the page, and every step of it is seen", async ({
  shopping,
  openPage,
}) => {
  const { program, shop } = shopping;
  const page = await openPage(program, { path: "/runs" });
  await page.getByRole("button", { name: "New run" }).click();
  await page.getByRole("radio", { name: "A script" }).click();
  await page.getByRole("textbox", { name: "Script" }).fill(JSON.stringify(shop.script("Ann")));
  await page.getByLabel("Agent", { exact: true }).selectOption("shopper");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByRole("heading", { name: "Script of 6 actions" }).waitFor();
  await stands(page, "Completed");
  expect(shop.orders).toContain("Ann");
  await page.getByRole("region", { name: "Answer" }).getByText("ordered for Ann").waitFor();
  const film = page.getByRole("list", { name: "Steps" });
  await film.getByRole("button", { name: /Go to http:\/\/127\.0\.0\.1/ }).click();
  const first = page.getByRole("region", { name: "Step 1", exact: true });
  await first.getByText("where the tea is", { exact: true }).waitFor();
  const width = () =>
    first
      .getByRole("img")
      .evaluate((image) => (image instanceof HTMLImageElement ? image.naturalWidth : 0));
  await expect.poll(width).toBeGreaterThan(300);
  for (const words of ["Click link “Green tea”", "Type “Ann”", "Click button “Order”"]) {
    expect(await film.getByRole("button", { name: words }).count(), words).toBe(1);
  }
});

test("nothing is sent before it is approved, on the run's page", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const allowedHosts = [shop.host];
  const id = await make({ script: shop.script("Ben"), approval: true, allowedHosts });
  const page = await openPage(program, { path: `/runs/${id}` });
  const box = await waits(page);
  await box.getByText(`POST ${shop.url}orders (form, 1 field: name)`).waitFor();
  expect(await axe(page)).toEqual([]);
  expect(shop.orders).not.toContain("Ben");
  await box.getByRole("button", { name: "Approve" }).click();
  await stands(page, "Completed");
  expect(shop.orders.filter((name) => name === "Ben")).toEqual(["Ben"]);
});

test("what is denied on the fleet is never sent", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  // Without the last two, since what was denied brings no page that thanks.
  const script = shop.script("Cleo").slice(0, 4);
  const id = await make({ script, approval: true, allowedHosts: [shop.host] });
  const page = await openPage(program);
  const row = page
    .getByRole("region", { name: "Waits for you" })
    .getByRole("listitem")
    .filter({ hasText: "run wants approval" });
  await row.getByRole("button", { name: "Decide…" }).click(PATIENCE);
  const dialog = page.getByRole("dialog");
  await dialog.getByText(`POST ${shop.url}orders (form, 1 field: name)`).waitFor();
  await dialog.getByRole("textbox", { name: "Reason (optional)" }).fill("we have enough tea");
  await dialog.getByRole("button", { name: "Deny" }).click();
  await expect.poll(() => row.count()).toBe(0);
  await page.goto(`/runs/${id}`);
  // Whether a denied request is an error is the script's affair; that it is over is enough.
  const state = page.getByRole("main").getByRole("status");
  await state.getByText(/^(Completed|Failed)$/).waitFor(PATIENCE);
  expect(shop.orders).not.toContain("Cleo");
});

test("a page of another host waits as well", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const script = [{ type: "navigate", url: shop.url }];
  const id = await make({ script, approval: true, allowedHosts: ["elsewhere.test"] });
  const page = await openPage(program, { path: `/runs/${id}` });
  const box = await waits(page);
  await box.getByText(`GET ${shop.url}`).waitFor();
  await box.getByRole("button", { name: "Approve" }).click();
  await stands(page, "Completed");
});

test("a question is answered, and the run goes on with it", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const id = await make({ script: asking(shop, "Dan") });
  const page = await openPage(program, { path: `/runs/${id}` });
  const box = await waits(page);
  await box.getByText("Which tea is it to be?").waitFor();
  expect(shop.orders).not.toContain("Dan");
  await box.getByRole("textbox", { name: "Your answer" }).fill("the green one");
  await box.getByRole("button", { name: "Answer" }).click();
  await stands(page, "Completed");
  expect(shop.orders).toContain("Dan");
});

test("a run is paused while it waits, and goes on when it is resumed", async ({
  shopping,
  openPage,
}) => {
  const { program, shop, make } = shopping;
  const id = await make({ script: asking(shop, "Eve") });
  const page = await openPage(program, { path: `/runs/${id}` });
  const box = await waits(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await box.getByRole("textbox", { name: "Your answer" }).fill("the green one");
  await box.getByRole("button", { name: "Answer" }).click();
  await stands(page, "Paused");
  expect(shop.orders).not.toContain("Eve");
  await page.getByRole("button", { name: "Resume" }).click();
  await stands(page, "Completed");
  expect(shop.orders).toContain("Eve");
});

test("a run that is over is replayed, with the same result", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const id = await make({ script: shop.script("Fay") });
  const page = await openPage(program, { path: `/runs/${id}` });
  await stands(page, "Completed");
  await page.getByRole("button", { name: "Replay" }).click();
  await expect.poll(() => new URL(page.url()).pathname).not.toBe(`/runs/${id}`);
  await page.getByRole("heading", { name: /Replay of 5 actions$/ }).waitFor();
  await stands(page, "Completed");
  expect(shop.orders.filter((name) => name === "Fay")).toEqual(["Fay", "Fay"]);
});

test("its browser is taken over and handed back while it waits", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const id = await make({ script: asking(shop, "Gil") });
  const page = await openPage(program, { path: `/runs/${id}` });
  await waits(page);
  await shows(page, SHOP_COLOUR, 0.9, 0.9);
  await takeControl(page);
  await page.getByText("The run waits until control is handed back").waitFor();
  await waitBox(page).getByRole("textbox", { name: "Your answer" }).fill("the green one");
  await waitBox(page).getByRole("button", { name: "Answer" }).click();
  await expect.poll(() => waitBox(page).count()).toBe(0);
  expect(shop.orders).not.toContain("Gil");
  await page.getByRole("button", { name: "Hand back" }).click();
  await stands(page, "Completed");
  expect(shop.orders).toContain("Gil");
});

test("a run that waits is cancelled, and does nothing more", async ({ shopping, openPage }) => {
  const { program, shop, make } = shopping;
  const id = await make({ script: asking(shop, "Hal") });
  const page = await openPage(program, { path: `/runs/${id}` });
  await waits(page);
  await page.getByRole("button", { name: "Cancel the run" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel the run" }).click();
  await stands(page, "Cancelled");
  expect(await waitBox(page).count()).toBe(0);
  expect(shop.orders).not.toContain("Hal");
});
