// Packs what the page is built of, once and as small as it gets, so that no server has to.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Files of these kinds get smaller. Fonts and pictures are packed already; the index is changed by the server. */
const packable = /\.(js|css|svg|wasm|json|webmanifest|md)$/;
/** Below this there is nothing to gain: it travels in one packet anyway. */
const fewestBytes = 1024;

/** Puts a `.gz` and a `.br` beside every file that gets smaller by it. */
export function pack(): Plugin {
  let isWatching = false;
  return {
    name: "pack",
    apply: "build",
    configResolved(config) {
      isWatching = config.build.watch !== null;
    },
    // Nothing is written of a build that failed, and its own error is what people have to see.
    async writeBundle() {
      // While somebody works on the page, every build is for one look on the same machine.
      if (isWatching) return;
      const folder = join(this.environment.config.root, this.environment.config.build.outDir);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && packable.test(entry.name));
      await Promise.all(files.map((entry) => packOne(join(entry.parentPath, entry.name))));
    },
  };
}

async function packOne(path: string) {
  const plain = await readFile(path);
  if (plain.length < fewestBytes) return;
  const [zipped, best] = await Promise.all([
    zip(plain, { level: constants.Z_BEST_COMPRESSION }),
    brotli(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
  ]);
  if (zipped.length < plain.length) await writeFile(`${path}.gz`, zipped);
  if (best.length < zipped.length) await writeFile(`${path}.br`, best);
}
