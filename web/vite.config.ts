// How the page is built, served while it is worked on, and tested.
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { pack } from "./pack.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The server that `npm run dev` stands in front of. */
const server = process.env.PILOTHOUSE_SERVER ?? "http://127.0.0.1:7717";

export default defineConfig({
  plugins: [react(), tailwindcss(), pack()],
  resolve: {
    // The client is taken as it is in this repository, so nothing has to be built or published first.
    alias: { "@": here("./src"), "pilothouse-client": here("../sdk/typescript/src/index.ts") },
    // The client's fake server is used in tests here, with the test runner of this folder.
    dedupe: ["vitest"],
  },
  build: {
    // Files that never change are below a folder of their own, where the server says so.
    assetsDir: "ui/assets",
    target: "es2023",
    assetsInlineLimit: 0,
    // What others wrote is served with what they ask for; the fonts' licences are in `public`.
    license: { fileName: "ui/licenses.md" },
  },
  experimental: {
    // The server may be below a path that only it knows. It puts that into the index; all else is named by where it
    // lies beside what names it.
    renderBuiltUrl: (_file, { hostType }) => (hostType === "html" ? undefined : { relative: true }),
  },
  server: {
    hmr: { path: "/hmr" },
    proxy: {
      // The server refuses pages of other origins, so it is told that it is asked by its own.
      "/api": { target: server, changeOrigin: true, headers: { origin: server } },
      "/health": { target: server, changeOrigin: true },
      // Mission control is a socket at the root, where this server has the page.
      "^/(\\?.*)?$": {
        target: server,
        changeOrigin: true,
        ws: true,
        headers: { origin: server },
        bypass: ({ headers, url }) => (headers.upgrade === undefined ? url : undefined),
      },
      "/ws": { target: server, changeOrigin: true, ws: true, headers: { origin: server } },
    },
  },
  test: {
    // A document is made for the files that say so alone: it takes longer than their tests.
    environment: "node",
    // Whole pages are slow here, and machines that run these tests do other things too.
    testTimeout: 30_000,
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
