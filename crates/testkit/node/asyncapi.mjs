// Reads AsyncAPI documents with the official parser and tells what it finds wrong, one line of JSON each.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(await readFile(file, "utf8"));
  const wrong = diagnostics
    .filter((one) => one.severity <= 1)
    .map((one) => `${one.path.join(".")}: ${one.message} (${one.code})`);
  const messages = document?.allMessages().length ?? 0;
  console.log(JSON.stringify({ what: "parsed", file, messages, wrong }));
}
