// What people type, paste and drop, on its way to the worker; and what is said when it does not get there.

import type { sessionsAndWorkers } from "pilothouse-client";
import type { Following, Parts } from "./following";
import { asTyped, messagesOf, needsYes } from "./pasting";
import { check, megabytes } from "./pictures";

/** What a terminal tells of itself that nobody typed: its focus, and its mouse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that terminals send.
const REPORT = /^\u001b\[(?:[IO]|<[\d;]+[Mm]|M[\s\S]{3}|[\d;]+M)$/;

/** What is said when the server refuses something. */
const REFUSALS: Partial<Record<sessionsAndWorkers.ErrorCode, string>> = {
  FORBIDDEN: "You may watch this terminal, but not type into it.",
  AGENT_OFFLINE: "The agent is away. What you typed was not delivered.",
  IMAGE_TOO_LARGE: "The picture is too large; at most 5 MB can be sent.",
  IMAGE_UNSUPPORTED: "That is not a PNG, JPEG, GIF, WebP or BMP picture.",
  STORAGE_UNAVAILABLE: "The server cannot read its log now. Try again in a moment.",
};

/** See the top of the file. */
export class Typing {
  readonly #end: () => void;

  constructor(
    private readonly parts: Parts,
    private readonly following: Following,
    private readonly isBracketed: () => boolean,
  ) {
    const { client, facts } = parts;
    this.#end = client.on("refused", ({ code, message }) =>
      facts.say(REFUSALS[code] ?? `The server refused: ${message}`, "warning"),
    );
  }

  /** Whether what is typed has any effect. */
  get mayType(): boolean {
    const { isReadOnly, worker } = this.parts.facts.now();
    return !isReadOnly && worker?.mayType !== false;
  }

  /** Types what a key, or the terminal by itself, says. */
  type(text: string): void {
    const { client, claim, facts } = this.parts;
    const isReport = REPORT.test(text);
    if (!this.mayType) {
      if (!isReport) this.#explain();
      return;
    }
    const isPaused = facts.now().isCatchingUp;
    if (client.state !== "open" && !isPaused) {
      if (!isReport) facts.set({ typedInVain: true });
      return;
    }
    if (!isReport) this.following.sayIf(claim.types());
    try {
      for (const message of messagesOf(text)) client.input(message);
    } catch {
      facts.say("The network does not take more now. The rest was not typed.", "warning");
    }
    // Whoever types into a flood wants to end it.
    if (!isReport) this.following.hurry();
  }

  /** Pastes text. Several lines that would run at once wait for a yes. */
  paste(text: string): void {
    if (text === "") return;
    if (!this.mayType) this.#explain();
    else if (needsYes(text, this.isBracketed())) this.parts.facts.set({ pasted: text });
    else this.type(asTyped(text, this.isBracketed()));
  }

  /** Says yes or no to what waits to be pasted. */
  decidePaste(isYes: boolean): void {
    const { pasted } = this.parts.facts.now();
    this.parts.facts.set({ pasted: undefined });
    if (isYes && pasted !== undefined) this.type(asTyped(pasted, this.isBracketed()));
  }

  /** Sends pictures, one after the other. The agent saves each and types where it is. */
  async sendPictures(files: readonly File[]): Promise<void> {
    const { client, claim, facts } = this.parts;
    if (!this.mayType) return this.#explain();
    for (const [at, file] of files.entries()) {
      const which = files.length === 1 ? "picture" : `picture ${at + 1} of ${files.length}`;
      const checked = await check(file);
      if (checked.kind === "refused") {
        facts.say(checked.why, "warning");
        continue;
      }
      try {
        facts.say(`Sending ${which}, ${megabytes(checked.bytes.length)}…`);
        this.following.sayIf(claim.types());
        await client.image(checked.bytes, checked.mimeType);
        facts.say(`Sent ${which}. Its path is typed as soon as the agent has saved it.`);
      } catch {
        facts.say(`The ${which} was not sent: there is no connection.`, "warning");
        return;
      }
    }
  }

  dispose(): void {
    this.#end();
  }

  #explain(): void {
    const { facts } = this.parts;
    const { isReadOnly } = facts.now();
    facts.say(
      isReadOnly
        ? "This view is read-only. Unlock it below to type."
        : "You may watch this terminal, but not type into it.",
      "warning",
    );
  }
}
