// What is asked and done before pasted text is typed. Pure.

/** Whether a paste would run lines at once: the program did not say that it can tell pasted text from typed. */
export function needsYes(text: string, isBracketed: boolean): boolean {
  return !isBracketed && /[\r\n]./s.test(text.replace(/\r\n/g, "\n"));
}

/** What is typed for a paste. As in xterm.js: ends of lines are Enter, and the text cannot end the brackets itself. */
export function asTyped(text: string, isBracketed: boolean): string {
  const lines = text.replace(/\r?\n/g, "\r");
  return isBracketed ? `\u001b[200~${lines.replaceAll("\u001b", "\u241b")}\u001b[201~` : lines;
}

/** One message may be no longer than this; what is longer is sent as several. */
const LONGEST = 64 * 1024;

/** Cuts what is typed into messages, never inside a character. */
export function messagesOf(text: string): string[] {
  const messages: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + LONGEST);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    messages.push(text.slice(at, end));
    at = end;
  }
  return messages;
}
