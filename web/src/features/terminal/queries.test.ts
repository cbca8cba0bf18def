import { Terminal } from "@xterm/xterm";
import { describe, expect, it } from "vitest";
import { clipboardText, passOverQuestions, takeClipboard } from "./queries";

const shown = (terminal: Terminal, text: string) =>
  new Promise<void>((resolve) => terminal.write(text, resolve));

function made(isPassedOver: boolean) {
  const terminal = new Terminal({ allowProposedApi: true, cols: 40, rows: 4 });
  if (isPassedOver) passOverQuestions(terminal.parser);
  const said: string[] = [];
  terminal.onData((text) => said.push(text));
  return { terminal, said };
}

/** Everything that xterm.js answers. */
const QUESTIONS = {
  DA1: "\u001b[c",
  "DA1 with 0": "\u001b[0c",
  DA2: "\u001b[>c",
  DSR: "\u001b[5n",
  "cursor position": "\u001b[6n",
  "cursor position, DEC": "\u001b[?6n",
  "DECRQM, ANSI": "\u001b[4$p",
  "DECRQM, DEC": "\u001b[?2026$p",
  "DECRQSS, rendition": "\u001bP$qm\u001b\\",
  "DECRQSS, margins": "\u001bP$qr\u001b\\",
};

describe("a question of a program", () => {
  it.each(Object.entries(QUESTIONS))(
    "%s is answered by xterm.js, and not here",
    async (_, question) => {
      const answering = made(false);
      await shown(answering.terminal, question);
      expect(answering.said.length).toBe(1);
      const quiet = made(true);
      await shown(quiet.terminal, `a${question}b`);
      expect(quiet.said).toEqual([]);
      expect(quiet.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("ab");
    },
  );

  it.each([
    "\u001b[18t",
    "\u001b]4;1;?\u0007",
    "\u001b]10;?\u001b\\",
    "\u001b]11;?\u0007",
    "\u001b[>q",
    "\u001b[?u",
  ])("%j is read over", async (question) => {
    const quiet = made(true);
    await shown(quiet.terminal, `a${question}b`);
    expect(quiet.said).toEqual([]);
    expect(quiet.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("ab");
  });
});

it("what is no question still works: moving, modes, soft reset, colours, titles", async () => {
  const { terminal, said } = made(true);
  const titles: string[] = [];
  terminal.onTitleChange((title) => titles.push(title));
  await shown(terminal, "\u001b[4h\u001b[!p\u001b[?2004h\u001b[2;3Hx\u001b]4;1;rgb:ff/00/00\u0007");
  await shown(terminal, "\u001b]2;a title\u0007\u001b[22;0t\u001b[23;0t");
  expect(terminal.buffer.active.getLine(1)?.translateToString(true)).toBe("  x");
  expect([terminal.modes.bracketedPasteMode, terminal.modes.insertMode]).toEqual([true, false]);
  expect(titles).toContain("a title");
  expect(said).toEqual([]);
});

it("a program's text for the clipboard is told, and its questions for the clipboard are not", async () => {
  const { terminal, said } = made(true);
  const copied: string[] = [];
  takeClipboard(terminal.parser, (text) => copied.push(text));
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode("für dich")));
  await shown(terminal, `\u001b]52;c;${encoded}\u0007\u001b]52;c;?\u0007`);
  expect([copied, said]).toEqual([["für dich"], []]);
  expect(clipboardText("c;not base64!")).toBeUndefined();
  expect(clipboardText(`c;${"A".repeat(2_000_000)}`)).toBeUndefined();
});
