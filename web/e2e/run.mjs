// Runs a script of this folder that is written in TypeScript: `node e2e/run.mjs trace --seconds 60`.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const [, , script = "", ...words] = process.argv;
process.argv = [process.argv[0], script, ...words];
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

try {
  const { module } = await runnerImport(here(`${script}.ts`), {
    configFile: false,
    logLevel: "error",
    resolve: { alias: { "pilothouse-client": here("../../sdk/typescript/src/index.ts") } },
  });
  await module.main(words);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
