// A site of the tests' own, for browsers on this machine: it tells what was done on it.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What was done on the page. */
export interface Deed {
  readonly kind: string;
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>Site</title>
<style>html,body{margin:0;height:100%;overflow:hidden}p{margin:0}body{background:#246;color:#fff;font:20px sans-serif}
input{position:absolute;left:200px;top:200px;width:300px;height:40px}</style>
<p id="said">nothing yet</p><input aria-label="Words">
<script>
const tell = (deed) => fetch("/deed", { method: "POST", body: JSON.stringify(deed) });
let count = 0;
addEventListener("click", (event) => {
  count += 1;
  document.title = "Clicked " + count;
  document.body.style.background = count % 2 ? "#622" : "#246";
  tell({ kind: "click", x: event.clientX, y: event.clientY, text: "" });
});
addEventListener("input", (event) => tell({ kind: "input", x: 0, y: 0, text: event.target.value }));
addEventListener("keydown", (event) => tell({ kind: "key", x: 0, y: 0, text: event.key }));
addEventListener("wheel", (event) => tell({ kind: "wheel", x: event.clientX, y: event.clientY, text: "" }));
</script>`;

/** A site on a free port of this machine. */
export class Site {
  readonly deeds: Deed[] = [];
  #look = () => {};
  readonly #server = createServer((request, response) => {
    if (request.url !== "/deed") {
      response.setHeader("content-type", "text/html");
      response.end(PAGE);
      return;
    }
    void this.#take(request).then(() => response.end());
  });

  /** Begins to listen. */
  static async open(): Promise<Site> {
    const site = new Site();
    await new Promise<void>((done) => site.#server.listen(0, "127.0.0.1", done));
    return site;
  }

  get url(): string {
    const { port }: Pick<AddressInfo, "port"> = Object(this.#server.address());
    return `http://127.0.0.1:${port}/`;
  }

  /** Resolves with the first thing done, from `after` on, for which `isIt` holds. */
  done(isIt: (deed: Deed) => boolean, after = 0): Promise<Deed> {
    return new Promise((resolve) => {
      const before = this.#look;
      const look = () => {
        const found = this.deeds.slice(after).find(isIt);
        if (found !== undefined) resolve(found);
      };
      this.#look = () => {
        before();
        look();
      };
      look();
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #take(request: IncomingMessage): Promise<void> {
    let text = "";
    for await (const piece of request) text += String(piece);
    const deed: Deed = JSON.parse(text);
    this.deeds.push(deed);
    this.#look();
  }
}
