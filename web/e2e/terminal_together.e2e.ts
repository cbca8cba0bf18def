// One terminal in front of several people, on desks and phones: who types, who has the size, and who may only look.
import { shells, shows, sizeOf } from "./harness/shells";
import { linesOf, terminalOf, typeLine } from "./harness/terminal";
import { expect, test } from "./harness/test";

test("a program's questions are answered once, however many look on", async ({
  program,
  openPage,
}) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const other = await openPage(program, { path });
  await shows(other, "shell 1", /\$|#/);
  const ask = String.raw`printf '\e[6n\e[c\e]11;?\a'; sleep 1; IFS= read -rsn 400 -t 1 said; echo; printf '%s' "$said" | tr -cd 'Rc' | wc -c`;
  await typeLine(terminalOf(page, "shell 1"), ask);
  await shows(page, "shell 1", /^2$/m);
  await typeLine(terminalOf(page, "shell 1"), "echo nothing else was typed");
  await shows(page, "shell 1", /^nothing else was typed$/m);
});

test("two windows show the same, and the size stays until the other types", async ({
  program,
  openPage,
}) => {
  const { path } = await shells(program);
  const desk = await openPage(program, { path });
  await typeLine(terminalOf(desk, "shell 1"), "echo from the desk");
  await shows(desk, "shell 1", /^from the desk$/m);
  const size = await sizeOf(desk, "shell 1");
  const phone = await openPage(program, { path, screen: "phone", user: "ben" });
  await shows(phone, "shell 1", /^from the desk$/m);
  expect(await sizeOf(phone, "shell 1")).toBe(size);
  await phone.getByRole("button", { name: "Take over" }).tap();
  // Whoever has the size keeps it while they type, and for a moment after.
  await expect
    .poll(
      async () => {
        await phone.getByRole("button", { name: "Up", exact: true }).tap();
        return sizeOf(desk, "shell 1");
      },
      { interval: 500 },
    )
    .not.toBe(size);
  const [atDesk, onPhone] = [() => sizeOf(desk, "shell 1"), () => sizeOf(phone, "shell 1")];
  await expect.poll(async () => (await atDesk()) === (await onPhone())).toBe(true);
});

test("keys on the screen of a phone type what a keyboard would", async ({ program, openPage }) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path, screen: "phone" });
  const keys = page.getByRole("toolbar", { name: "Keys" });
  const terminal = terminalOf(page, "shell 1");
  await typeLine(terminal, "echo one; cat");
  await shows(page, "shell 1", /^one$/m);
  await keys.getByRole("button", { name: "Control C" }).tap();
  await keys.getByRole("button", { name: "Up", exact: true }).tap();
  await shows(page, "shell 1", /\^C\n.*echo one; cat$/m);
  await keys.getByRole("button", { name: "Ctrl, for the next key" }).tap();
  await terminal.getByRole("textbox").focus();
  await page.keyboard.type("u");
  await keys.getByRole("button", { name: "Bar", exact: true }).tap();
  await shows(page, "shell 1", /[$#] \|$/m);
  for (const key of await keys.getByRole("button").all()) {
    const box = await key.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(40);
  }
});

test("whoever may only look is told so, and types nothing", async ({ program, openPage }) => {
  const { path } = await shells(program);
  const ann = await openPage(program, { path });
  const size = async () => sizeOf(ann, "shell 1");
  await typeLine(terminalOf(ann, "shell 1"), "echo ready");
  await shows(ann, "shell 1", /^ready$/m);
  const before = await size();
  const page = await openPage(program, { path, user: "vera", role: "viewer", screen: "phone" });
  await shows(page, "shell 1", /^ready$/m);
  await terminalOf(page, "shell 1").getByText("Read-only").waitFor();
  expect(await page.getByRole("toolbar", { name: "Keys" }).count()).toBe(0);
  await typeLine(terminalOf(page, "shell 1"), "echo never");
  await page.getByText("You may watch this terminal, but not type into it.").waitFor();
  await typeLine(terminalOf(ann, "shell 1"), "echo after");
  await shows(ann, "shell 1", /^after$/m);
  expect((await linesOf(terminalOf(ann, "shell 1"))).join("\n")).not.toContain("never");
  expect(await size()).toBe(before);
});
