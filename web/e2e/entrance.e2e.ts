// Coming in: by the link that the program prints, by password, by token; and leaving again.
import { expect, test } from "./harness/test";

const PASSWORD = "correct horse battery staple";

test("the printed link leads to a first account, once, and the account signs in again", async ({
  program,
  openContext,
  complaints,
}) => {
  const { code } = await (await program.rest()).call("POST /api/auth/codes");
  const context = await openContext(program);
  const page = await context.newPage();
  await page.goto(`/#code=${code}`);
  await page.getByRole("heading", { name: "Make the first account" }).waitFor();
  expect(page.url()).not.toContain("code");
  await page.getByLabel("Username").fill("ann");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();

  await page.getByRole("button", { name: /appearance, sign out/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();

  complaints.announce(/answer 401: POST \/api\/auth\/login/);
  await page.getByLabel("Username or email").fill("ann");
  await page.getByLabel("Password").fill("something else");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();

  complaints.announce(/answer 401: POST \/api\/auth\/exchange/);
  const stranger = await (await openContext(program)).newPage();
  await stranger.goto(`/#code=${code}`);
  await stranger.getByText("That link was used already").waitFor();
});

test("a token of the command line lets one in, and one that is none is refused in words", async ({
  program,
  openContext,
  complaints,
}) => {
  const page = await (await openContext(program)).newPage();
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in with a token" }).click();
  complaints.announce(/answer 401: GET \/api\/auth\/me/);
  await page.getByLabel("Token").fill("nothing");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Token").fill(await program.token("ben", "operator"));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Fleet" }).waitFor();
});

test("tabs of one browser are signed in, and out, together", async ({ program, openPage }) => {
  const first = await openPage(program);
  const second = await first.context().newPage();
  await second.goto("/sessions");
  await second.getByRole("heading", { name: "Sessions" }).waitFor();
  await first.getByRole("button", { name: /appearance, sign out/ }).click();
  await first.getByRole("menuitem", { name: "Sign out" }).click();
  await second.getByRole("heading", { name: "Sign in" }).waitFor();
  await second.reload();
  await second.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("the address that somebody was on their way to is shown once they are in", async ({
  program,
  openContext,
}) => {
  const page = await (await openContext(program)).newPage();
  await page.goto("/presets");
  await page.getByRole("button", { name: "Sign in with a token" }).click();
  await page.getByLabel("Token").fill(await program.token());
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Presets" }).waitFor();
});
