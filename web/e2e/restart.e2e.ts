// A server that dies under an open page: it says so with the age of what it shows, and comes back by itself.
import { expect, LOST_CONNECTION, test } from "./harness/test";

test("the page says that the server is away, since when, and goes on when it is back", async ({
  startProgram,
  openPage,
  complaints,
}) => {
  const program = await startProgram();
  const page = await openPage(program);
  const notice = page.getByText(/The server has been away for \d+ s\. .*nothing is lost/);
  complaints.tolerate(LOST_CONNECTION);
  await program.end("SIGKILL");
  await notice.waitFor();
  const ages: string[] = [];
  const age = async () => /away for (\d+ s)/.exec(await notice.innerText())?.[1] ?? "";
  ages.push(await age());
  await expect.poll(age).not.toBe(ages[0]);
  await program.serve();
  await page.getByRole("button", { name: "Reconnect now" }).click();
  await notice.waitFor({ state: "detached" });
});
