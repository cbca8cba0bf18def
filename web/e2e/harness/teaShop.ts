// A shop of the tests' own on this machine, in which runs buy tea: it tells what was ordered.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** The ground of its pages. */
export const SHOP_COLOUR = [0x22, 0x66, 0x44] as const;

const page = (title: string, content: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>body{background:rgb(${SHOP_COLOUR.join(" ")});color:#fff;font:20px sans-serif}a{color:#fff}</style>
<h1>${title}</h1>${content}</html>`;

const PAGES: Readonly<Record<string, string>> = {
  "/": page("The tea shop", '<a href="/green">Green tea</a>'),
  "/green": page(
    "Green tea",
    `<form method="post" action="/orders"><label>Your name <input name="name" autocomplete="off"></label>
<button>Order</button></form>`,
  ),
  "/ordered": page("Thank you", "<p>It is on its way.</p>"),
};

/** A shop on a free port. */
export class TeaShop {
  /** Whoever ordered, in order. */
  readonly orders: string[] = [];
  readonly #server = createServer((request, response) => {
    if (request.method === "POST" && request.url === "/orders") {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        const form = new URLSearchParams(Buffer.concat(pieces).toString("utf8"));
        this.orders.push(form.get("name") ?? "");
        response.writeHead(303, { location: "/ordered" });
        response.end();
      });
      return;
    }
    const shown = PAGES[request.url ?? ""];
    response.writeHead(shown === undefined ? 404 : 200, { "content-type": "text/html" });
    response.end(shown ?? page("There is no such page", ""));
  });

  /** Opens it. */
  static async open(): Promise<TeaShop> {
    const shop = new TeaShop();
    await new Promise<void>((done) => shop.#server.listen(0, "127.0.0.1", done));
    return shop;
  }

  get host(): string {
    const { port }: Pick<AddressInfo, "port"> = Object(this.#server.address());
    return `127.0.0.1:${port}`;
  }

  get url(): string {
    return `http://${this.host}/`;
  }

  /** What it takes to order. */
  script(name: string): readonly Readonly<Record<string, unknown>>[] {
    return [
      { type: "navigate", url: this.url, explanation: "where the tea is" },
      { type: "click", role: "link", name: "Green tea" },
      { type: "type", role: "textbox", name: "Your name", text: name },
      { type: "click", role: "button", name: "Order" },
      { type: "wait", text: "It is on its way." },
      { type: "done", answer: `ordered for ${name}` },
    ];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
