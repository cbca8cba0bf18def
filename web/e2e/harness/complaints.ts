// What a page complains of while a test uses it. What the test did not announce makes it fail.
import type { BrowserContext, ConsoleMessage, Request } from "playwright-core";

/** What a browser says about a server that is away for a while. */
export const LOST_CONNECTION =
  /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|ERR_INCOMPLETE_CHUNKED_ENCODING|WebSocket connection to .* failed|answer 50[0-4]/;

interface Announced {
  readonly pattern: RegExp;
  readonly hasToHappen: boolean;
  happened: boolean;
}

/** The complaints of all pages of one test. */
export class Complaints {
  readonly #all: string[] = [];
  readonly #announced: Announced[] = [];

  /** The test provokes this, and it has to happen: an error in the console, or an answer such as `answer 401`. */
  announce(pattern: RegExp): void {
    this.#announced.push({ pattern, hasToHappen: true, happened: false });
  }

  /** This may happen or not, such as attempts to reach a server that is away. */
  tolerate(pattern: RegExp): void {
    this.#announced.push({ pattern, hasToHappen: false, happened: false });
  }

  /** Everything that nobody announced, and what was announced in vain. */
  get unexpected(): readonly string[] {
    const inVain = this.#announced
      .filter((one) => one.hasToHappen && !one.happened)
      .map((one) => `announced, but did not happen: ${one.pattern}`);
    return [...this.#all, ...inVain];
  }

  /** Listens to all pages of a context, present and future. */
  listen(context: BrowserContext, host: string): void {
    context.on("console", (message) => this.#console(message));
    context.on("weberror", (error) =>
      this.#add(`page error: ${error.error().stack ?? error.error()}`),
    );
    context.on("request", (request) => this.#address(request.url(), host));
    context.on("requestfailed", (request) => this.#failed(request));
    context.on("response", (response) => {
      if (response.status() >= 400)
        this.#add(`answer ${response.status()}: ${named(response.request())}`);
    });
    context.on("page", (page) =>
      page.on("websocket", (socket) => this.#address(socket.url(), host)),
    );
  }

  #console(message: ConsoleMessage): void {
    // Answers are told by themselves, with what was asked.
    if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
    this.#add(`console error: ${message.text()} (${message.location().url})`);
  }

  #address(address: string, host: string): void {
    const url = new URL(address);
    const isInside =
      url.protocol === "data:" || url.protocol === "blob:" || url.protocol === "about:";
    if (!isInside && url.host !== host) this.#add(`request to another host: ${address}`);
  }

  #failed(request: Request): void {
    const reason = request.failure()?.errorText ?? "no reason";
    // A view that is left withdraws what it asked for.
    if (reason !== "net::ERR_ABORTED") this.#add(`request failed: ${named(request)} (${reason})`);
  }

  #add(complaint: string): void {
    const announced = this.#announced.find((one) => one.pattern.test(complaint));
    if (announced === undefined) this.#all.push(complaint);
    else announced.happened = true;
  }
}

function named(request: Request): string {
  return `${request.method()} ${new URL(request.url()).pathname}`;
}
