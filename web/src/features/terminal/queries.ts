// Questions of programs to their terminal. The agent answers them; here they are read over, so that nothing is answered
// twice, nor again whenever older output is shown.

import type { IDisposable, IFunctionIdentifier, IParser } from "@xterm/xterm";

/** Sequences that ask, whatever their parameters are. */
const ASKING: readonly IFunctionIdentifier[] = [
  // What are you: DA1, DA2, DA3, XTVERSION.
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { prefix: ">", final: "q" },
  // How are you, and where is the cursor: DSR.
  { final: "n" },
  { prefix: "?", final: "n" },
  // Which modes are on: DECRQM; which keys and colours: kitty, XTQMODKEYS, XTSMGRAPHICS.
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: "?", final: "u" },
  { prefix: "?", final: "m" },
  { prefix: "?", final: "S" },
  // Checksums and terminal parameters.
  { intermediates: "*", final: "y" },
  { final: "x" },
];

/** What windows are asked for; other numbers move and name windows. */
const WINDOW_QUESTIONS = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21]);

/** Colours: those of the palette, of text, background, cursor, and of selections. */
const COLOURS = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** Reads questions over from now on. Comes after all addons, since the last to register is the first to be asked. */
export function passOverQuestions(parser: IParser): IDisposable {
  const passes = [
    ...ASKING.map((id) => parser.registerCsiHandler(id, () => true)),
    parser.registerCsiHandler({ final: "t" }, ([first]) => WINDOW_QUESTIONS.has(Number(first))),
    // DECRQSS and XTGETTCAP.
    parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true),
    parser.registerDcsHandler({ intermediates: "+", final: "q" }, () => true),
    ...COLOURS.map((number) => parser.registerOscHandler(number, asksForColour)),
  ];
  return {
    dispose: () => {
      for (const pass of passes) pass.dispose();
    },
  };
}

/** Whether any part of a colour command is a question. */
const asksForColour = (command: string) => command.split(";").includes("?");

/** What a program may do with the clipboard of whoever looks at it: OSC 52. Questions are never answered. */
export function takeClipboard(parser: IParser, copy: (text: string) => void): IDisposable {
  return parser.registerOscHandler(52, (command) => {
    const text = clipboardText(command);
    if (text !== undefined) copy(text);
    return true;
  });
}

/** More than this is not what somebody wants to paste. */
const LONGEST_COPY = 1024 * 1024;

/** The text of an OSC 52 that sets the clipboard. */
export function clipboardText(command: string): string | undefined {
  const encoded = command.slice(command.indexOf(";") + 1);
  if (encoded === "?" || encoded === "" || encoded.length > LONGEST_COPY) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
