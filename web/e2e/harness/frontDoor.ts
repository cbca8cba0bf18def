// The built page in front of a server that does not serve it itself, as `vite preview` does it.
import { type PreviewServer, preview } from "vite";
import { WEB } from "./places";

/** Serves the page, and passes everything else on. */
export class FrontDoor {
  private constructor(
    readonly url: string,
    private readonly server: PreviewServer,
  ) {}

  /** Opens one, unless the server has the page itself. */
  static async before(server: string): Promise<FrontDoor | undefined> {
    const page = await (await fetch(server)).text();
    if (page.includes("/ui/assets/")) return undefined;
    const target = { target: server, changeOrigin: true };
    const asOwnPage = { ...target, headers: { origin: server } };
    const own = await preview({
      root: WEB,
      configFile: false,
      logLevel: "silent",
      preview: {
        host: "127.0.0.1",
        port: 0,
        proxy: { "/api": asOwnPage, "/health": target, "/ws": { ...asOwnPage, ws: true } },
      },
    });
    const url = own.resolvedUrls?.local[0]?.replace(/\/$/, "");
    if (url === undefined) throw new Error("the page's own server says no address");
    return new FrontDoor(url, own);
  }

  /** Closes it, with everything that is open. */
  async close(): Promise<void> {
    const closed = this.server.close();
    if ("closeAllConnections" in this.server.httpServer)
      this.server.httpServer.closeAllConnections();
    await closed;
  }
}
