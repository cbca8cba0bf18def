// A terminal in the page, in front of a real shell: typing, floods, pictures, older output.
import { shells, shows, sizeOf } from "./harness/shells";
import { linesOf, terminalOf, typeLine } from "./harness/terminal";
import { expect, LOST_CONNECTION, test } from "./harness/test";

test("what is typed is answered, found again, and left with a key", async ({
  program,
  openPage,
}) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  await typeLine(terminal, "for n in 1 2 3; do echo needle-$((n * 7)); done; stty size");
  await shows(page, "shell 1", /needle-7\nneedle-14\nneedle-21\n\d+ \d+/);
  const [rows, columns] =
    /needle-21\n(\d+) (\d+)/.exec((await linesOf(terminal)).join("\n"))?.slice(1) ?? [];
  expect(await sizeOf(page, "shell 1")).toBe(`${columns}×${rows}`);
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("needle-");
  const search = page.getByRole("search", { name: "Search this terminal" });
  await search.getByText("4 of 4").waitFor();
  await page.keyboard.press("Enter");
  await search.getByText("3 of 4").waitFor();
  await page.keyboard.press("Escape");
  await search.waitFor({ state: "detached" });
  await page.keyboard.type("echo back");
  await shows(page, "shell 1", /echo back$/m);
  await page.keyboard.press("Control+Shift+L");
  const isInside = () => terminal.getByRole("textbox").evaluate((box) => box.matches(":focus"));
  expect(await isInside()).toBe(false);
});

test("a picture that is pasted is saved by the agent, and its path typed", async ({
  program,
  openPage,
}) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  await typeLine(terminal, "echo ready");
  await shows(page, "shell 1", /^ready$/m);
  await page.keyboard.type("file ");
  await terminal.getByRole("textbox").evaluate((box) => {
    const bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0);
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], "shot.png", { type: "image/png" }));
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  });
  await shows(page, "shell 1", /file .*\.png/);
});

test("a picture that a program prints is shown", async ({ program, openPage }) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  const sixel = String.raw`\033Pq#0;2;100;0;0#0!40~-!40~-\033\\`;
  await typeLine(terminal, `printf '${sixel}'; echo shown`);
  await shows(page, "shell 1", /^shown$/m);
  await terminal.locator("canvas.xterm-image-layer").waitFor({ state: "attached" });
});

test("lines that would run at once are asked about", async ({ program, openPage }) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  // The shell takes pastes in one piece; it has said that it does not any more when the program prints.
  await typeLine(terminal, "echo ready; cat");
  await shows(page, "shell 1", /^ready$/m);
  await page.evaluate(() => navigator.clipboard.writeText("first\nsecond\n"));
  await page.keyboard.press("Control+Shift+V");
  await page.getByRole("dialog", { name: "Paste 2 lines?" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await terminal.getByRole("textbox").focus();
  await page.keyboard.press("Control+Shift+V");
  await page.getByRole("button", { name: "Paste", exact: true }).click();
  await shows(page, "shell 1", /^first\n(first\nsecond|second\nfirst)\nsecond$/m);
});

test("no line is lost or doubled when the server is killed while it prints", async ({
  startProgram,
  openPage,
  complaints,
}) => {
  const program = await startProgram();
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  complaints.tolerate(LOST_CONNECTION);
  await typeLine(
    terminal,
    "stty -echo; PS1=; clear; for n in $(seq 1 4000); do echo line-$n; [ $((n % 40)) = 0 ] && sleep 0.05; done; echo all; read",
  );
  await shows(page, "shell 1", /line-\d\d\d/);
  await program.end("SIGKILL");
  const away = terminal.getByText(/Reconnecting, \d+ s\./);
  await away.waitFor();
  await page.keyboard.type("x");
  await terminal.getByText("What you type now is not sent.").waitFor();
  await program.serve();
  // It comes back by itself, and nobody has to press anything.
  await away.waitFor({ state: "detached" });
  await shows(page, "shell 1", /line-4000\nall/);
  await terminal.getByRole("textbox").focus();
  const seen = new Set<number>();
  const newest = () => linesOf(terminal).then((lines) => lines.find((line) => line !== ""));
  for (let last = 4000; last > 1; ) {
    const lines = (await linesOf(terminal)).filter((line) => /^line-\d+$/.test(line));
    const numbers = lines.map((line) => Number(line.slice("line-".length)));
    for (const [at, number] of numbers.entries()) {
      if (at > 0) expect(number).toBe((numbers[at - 1] ?? 0) + 1);
      seen.add(number);
    }
    last = numbers[0] ?? 0;
    if (last <= 1) break;
    const before = await newest();
    await page.keyboard.press("Shift+PageUp");
    await expect.poll(newest).not.toBe(before);
  }
  expect(seen.size).toBe(4000);
}, 120_000);

test("eight terminals flood, and the page does what it is told", async ({ program, openPage }) => {
  const { path, names } = await shells(program, 8);
  const page = await openPage(program, { path });
  for (const name of names) {
    await typeLine(terminalOf(page, name), `yes 'a flood of many words, in ${name}'`);
  }
  for (const name of names) await shows(page, name, /a flood of many words/);
  await page.keyboard.press("Control+Shift+F");
  await page.getByRole("search", { name: "Search this terminal" }).waitFor();
  await page.keyboard.press("Escape");
  for (const name of names) {
    const box = terminalOf(page, name).getByRole("textbox").first();
    await box.focus();
    await page.keyboard.press("Control+c");
    await typeLine(terminalOf(page, name), `clear; echo "$((6 * 7)) after the flood"`);
  }
  for (const name of names) await shows(page, name, /^42 after the flood$/m);
}, 300_000);

test("older output than the page has is read from the server", async ({ program, openPage }) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  await typeLine(
    terminal,
    "seq -f 'number %.0f of many, and some words behind it' 1 60000; echo do''ne",
  );
  await shows(page, "shell 1", /^done$/m);
  await terminal.getByRole("button", { name: "Older output", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: /Older output/ });
  await dialog.getByText(/^From .* to the end, of \d/).waitFor();
  const older = dialog.getByRole("button", { name: "Older" });
  const from = () => dialog.getByText(/^From /).innerText();
  const first = await from();
  await older.click();
  await expect.poll(from).not.toBe(first);
  await dialog.getByRole("button", { name: "Search" }).click();
  await page.keyboard.type("number 52000 of");
  await dialog.getByText("1 of 1").waitFor();
});

test("Tab belongs to the shell, and links open in a tab of their own", async ({
  program,
  openPage,
}) => {
  const { path } = await shells(program);
  const page = await openPage(program, { path });
  const terminal = terminalOf(page, "shell 1");
  await typeLine(
    terminal,
    "mkdir -p folder-with-a-long-name; clear; echo https://example.invalid/there",
  );
  await shows(page, "shell 1", /^https:\/\/example.invalid\/there$/m);
  await page.keyboard.type("ls folder-w");
  await page.keyboard.press("Tab");
  await shows(page, "shell 1", /ls folder-with-a-long-name\//);
  await page.evaluate(() => {
    window.open = (address) => {
      document.title = `opened ${address}`;
      return null;
    };
  });
  const row = terminal.locator(".xterm-rows > div").first();
  const box = await row.boundingBox();
  const [x, y] = [(box?.x ?? 0) + 40, (box?.y ?? 0) + 8];
  await page.mouse.move(x, y);
  await terminal.getByText("Ctrl+click to open").waitFor();
  await page.mouse.click(x, y);
  expect(await page.title()).not.toContain("opened");
  await page.keyboard.down("Control");
  await page.mouse.click(x, y);
  await page.keyboard.up("Control");
  await expect.poll(() => page.title()).toBe("opened https://example.invalid/there");
});
