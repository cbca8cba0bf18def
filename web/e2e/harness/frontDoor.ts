// The page as it was just built, in front of a server that has another one or none, as `vite preview` serves it.
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PreviewServer, preview } from "vite";
import { WEB } from "./places";

const POLICY = "content-security-policy";

/** Serves the page under the policy that the server has for its own, and passes everything else on. */
export class FrontDoor {
  private constructor(
    readonly url: string,
    private readonly server: PreviewServer,
    private readonly folder: string,
  ) {}

  /** Opens one, unless the server has the very page that was built. */
  static async before(server: string): Promise<FrontDoor | undefined> {
    const answer = await fetch(server, { headers: { accept: "text/html" } });
    const built = await readFile(`${WEB}/dist/index.html`, "utf8");
    // Built pages name their parts beside them; the program makes that the root, for addresses with slashes in them.
    const page = built.replaceAll('"./', '"/');
    if ((await answer.text()) === page) return undefined;
    const folder = await mkdtemp(join(tmpdir(), "pilothouse-page-"));
    await cp(`${WEB}/dist`, folder, { recursive: true });
    await writeFile(join(folder, "index.html"), page);
    const target = { target: server, changeOrigin: true };
    const asOwnPage = { ...target, headers: { origin: server } };
    const policy = answer.headers.get(POLICY);
    const own = await preview({
      root: WEB,
      configFile: false,
      logLevel: "silent",
      build: { outDir: folder },
      preview: {
        host: "127.0.0.1",
        port: 0,
        // A program without a page of this kind may have a policy that does not fit it.
        headers: policy?.includes("wasm-unsafe-eval") ? { [POLICY]: policy } : {},
        proxy: {
          "/api": asOwnPage,
          "/health": target,
          "/ws": { ...asOwnPage, ws: true },
          // Mission control is a socket at the root, where the page is.
          "^/(\\?.*)?$": {
            ...asOwnPage,
            ws: true,
            bypass: ({ headers, url }) => (headers.upgrade === undefined ? url : undefined),
          },
        },
      },
    });
    const url = own.resolvedUrls?.local[0]?.replace(/\/$/, "");
    if (url === undefined) throw new Error("the page's own server says no address");
    return new FrontDoor(url, own, folder);
  }

  /** Closes it, with everything that is open. */
  async close(): Promise<void> {
    const closed = this.server.close();
    if ("closeAllConnections" in this.server.httpServer)
      this.server.httpServer.closeAllConnections();
    await closed;
    await rm(this.folder, { recursive: true, force: true });
  }
}
