// What the company watches in browsers: its shop, and its guide. A site of its own, and an agent that may go there.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { World } from "./world";

const STYLE = `*{box-sizing:border-box;font-family:sans-serif}body{margin:0;background:#f6f4ef;color:#26241f}
header{display:flex;gap:32px;align-items:center;padding:20px 48px;background:#fff;border-bottom:1px solid #ddd7c9}
header b{font-size:22px;margin-right:auto}main{padding:36px 48px}h1{margin:0 0 24px;font-size:30px}
ul{display:grid;grid-template-columns:repeat(3,1fr);gap:20px;padding:0;list-style:none}
li{background:#fff;border-radius:10px;padding:18px;border:1px solid #e6e0d2}li i{display:block;height:130px;border-radius:6px;margin-bottom:14px}
p{line-height:1.6;max-width:640px}button{padding:9px 16px;border:0;border-radius:6px;background:#2e5e4e;color:#fff;font-size:14px}`;

const goods = [
  ["Teapot", "48.00", "#7b8f6a"],
  ["Lamp", "129.00", "#c99a4b"],
  ["Linen", "36.50", "#9fb3bd"],
  ["Basket", "27.00", "#b88a6b"],
  ["Mirror", "88.00", "#8b8aa6"],
  ["Stool", "74.00", "#6f9a93"],
] as const;

const page = (title: string, content: string) =>
  `<!doctype html><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>
<header><b>Acme</b><span>Goods</span><span>Guide</span><span>Basket (2)</span></header><main>${content}</main>`;

const PAGES: Readonly<Record<string, string>> = {
  "/": page(
    "Acme, goods for the house",
    `<h1>Goods for the house</h1><ul>${goods
      .map(
        ([name, price, colour]) =>
          `<li><i style="background:${colour}"></i><h3>${name}</h3><p>${price} €</p><button>Into the basket</button></li>`,
      )
      .join("")}</ul>`,
  ),
  "/guide": page(
    "Guide · Acme",
    `<h1>How returns work</h1><p>Whatever you bought can be sent back for thirty days, without a reason.</p>
    <p>Print the label that came with the order, and bring the parcel to any post office.</p>
    <p>We pay it back as soon as it is here, which takes about a week.</p>`,
  ),
};

/** Browsers that are watched. */
export interface WatchedBrowsers {
  /** The session of the shop's. */
  readonly session: string;
  /** Where the site is. */
  readonly site: string;
  end(): Promise<void>;
}

/** Opens them. */
export async function openBrowsers({ program }: World): Promise<WatchedBrowsers> {
  const site = await listen();
  const { port }: Pick<AddressInfo, "port"> = Object(site.address());
  const name = ["--name", "Storefront checks"];
  await program.agent("storefront-checks", ...name, "--browser-allow", "loopback");
  const ann = await program.rest("ann", "admin");
  const open = async (title: string, path: string) => {
    const body = { type: "quick", agentId: "storefront-checks", title };
    const made = await ann.call("POST /api/v1/sessions", {
      body: { ...body, locationPath: program.home },
    });
    await ann.call("POST /api/v1/sessions/{session}/browser", {
      path: { session: made.id },
      body: { url: `http://127.0.0.1:${port}${path}`, width: 1280, height: 720 },
    });
    return made.id;
  };
  const session = await open("Checkout", "/");
  await open("Returns", "/guide");
  return {
    session,
    site: `http://127.0.0.1:${port}/`,
    end: () => new Promise((done) => site.close(() => done())),
  };
}

function listen(): Promise<Server> {
  const site = createServer((request, response) => {
    response.setHeader("content-type", "text/html");
    response.end(PAGES[request.url ?? "/"] ?? PAGES["/"]);
  });
  return new Promise((done) => site.listen(0, "127.0.0.1", () => done(site)));
}
