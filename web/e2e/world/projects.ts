// Three small projects in a home directory, with scripts that print what builds, tests and deployments print.
import { execFile } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const TESTS = `#!/bin/sh
say() { printf "$1\\n"; sleep \${STEP:-0.02}; }
say '\\033[1mshop\\033[0m  vitest run'
say ''
say ' \\033[32m✓\\033[0m src/basket/total.test.ts \\033[2m(14 tests)\\033[0m \\033[32m41ms\\033[0m'
say ' \\033[32m✓\\033[0m src/basket/discounts.test.ts \\033[2m(22 tests)\\033[0m \\033[32m63ms\\033[0m'
say ' \\033[32m✓\\033[0m src/checkout/address.test.ts \\033[2m(9 tests)\\033[0m \\033[32m18ms\\033[0m'
say ' \\033[32m✓\\033[0m src/checkout/payment.test.ts \\033[2m(31 tests)\\033[0m \\033[33m412ms\\033[0m'
say ' \\033[32m✓\\033[0m src/search/ranking.test.ts \\033[2m(17 tests)\\033[0m \\033[32m77ms\\033[0m'
say ' \\033[33m↓\\033[0m src/search/synonyms.test.ts \\033[2m(3 tests, 3 skipped)\\033[0m'
say ''
say ' \\033[2mTest Files\\033[0m  \\033[1;32m5 passed\\033[0m \\033[2m|\\033[0m \\033[33m1 skipped\\033[0m'
say '      \\033[2mTests\\033[0m  \\033[1;32m93 passed\\033[0m \\033[2m|\\033[0m \\033[33m3 skipped\\033[0m'
say '   \\033[2mDuration\\033[0m  1.24s'
`;

const BUILD = `#!/bin/sh
printf '   \\033[1;32mCompiling\\033[0m ledger v0.4.1 (payments/ledger)\\n'
printf '   \\033[1;32mCompiling\\033[0m settlement v0.4.1 (payments/settlement)\\n'
printf '\\033[1;31merror[E0502]\\033[0m\\033[1m: cannot borrow \`self.entries\` as mutable because it is also borrowed as immutable\\033[0m\\n'
printf '   \\033[1;34m-->\\033[0m settlement/src/batch.rs:118:13\\n'
printf '    \\033[1;34m|\\033[0m\\n'
printf '\\033[1;34m116 |\\033[0m         for entry in self.entries.iter() {\\n'
printf '    \\033[1;34m|\\033[0m                      \\033[1;34m------------------- immutable borrow occurs here\\033[0m\\n'
printf '\\033[1;34m118 |\\033[0m             self.entries.push(entry.reversed());\\n'
printf '    \\033[1;34m|\\033[0m             \\033[1;31m^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ mutable borrow occurs here\\033[0m\\n'
printf '\\n\\033[1;31merror\\033[0m\\033[1m: could not compile \`settlement\` (lib) due to 1 previous error\\033[0m\\n' >&2
exit 101
`;

const CRAWL = `#!/bin/sh
n=0
while :; do
  n=$((n + 1))
  printf '\\033[2m%s\\033[0m \\033[32m200\\033[0m %4d ms  /guide/chapter-%d\\n' "$(date +%H:%M:%S)" $((n * 37 % 180 + 12)) "$n"
  [ $((n % 9)) = 0 ] && printf '\\033[2m%s\\033[0m \\033[33m301\\033[0m    8 ms  /guide/old-%d → /guide/chapter-%d\\n' "$(date +%H:%M:%S)" "$n" "$n"
  sleep \${STEP:-0.25}
done
`;

const SCRIBE = `#!/bin/sh
printf '\\033[1;36m●\\033[0m \\033[1mScribe\\033[0m  \\033[2m%s\\033[0m\\n\\n' "$PWD"
printf '\\033[2m>\\033[0m %s\\n\\n' "$*"
printf '  Read \\033[36msrc/checkout/address.ts\\033[0m (84 lines)\\n'
printf '  Read \\033[36msrc/checkout/address.test.ts\\033[0m (61 lines)\\n\\n'
printf '  The postal code is checked before the country is known.\\n  I would move the check behind it:\\n\\n'
printf '\\033[31m-   const code = check(form.code);\\033[0m\\n'
printf '\\033[31m-   const country = countryOf(form);\\033[0m\\n'
printf '\\033[32m+   const country = countryOf(form);\\033[0m\\n'
printf '\\033[32m+   const code = check(form.code, country);\\033[0m\\n\\n'
printf 'Apply these changes to 2 files? (yes/no) '
read answer
printf '\\033[32mDone.\\033[0m 2 files changed.\\n'
exec sh
`;

const THINKS = `#!/bin/sh
printf '\\033[1;36m●\\033[0m \\033[1mScribe\\033[0m  \\033[2m%s\\033[0m\\n\\n' "$PWD"
printf '\\033[2m>\\033[0m %s\\n\\n' "$*"
i=0
for word in ledger batch entry reversal rounding currency receipt refund audit export; do
  printf '  Read \\033[36msettlement/src/%s.rs\\033[0m (%d lines)\\n' "$word" $((i * 23 + 40))
  i=$((i + 1))
done
printf '\\n'
while :; do
  i=$((i + 1))
  printf '\\r  \\033[35m✻\\033[0m Looking at case %d of 4096 ' "$i"
  sleep 0.4
done
`;

const FILES: Readonly<Record<string, string>> = {
  "bin/scribe": SCRIBE,
  "bin/scribe-at-work": THINKS,
  "shop/run-tests": TESTS,
  "shop/README.md": "# Shop\n\nBasket, checkout and search.\n",
  "shop/src/basket/total.ts":
    "export const total = (prices: number[]) => prices.reduce((a, b) => a + b, 0);\n",
  "shop/src/checkout/address.ts": "export const countryOf = (form: Form) => form.country;\n",
  "shop/src/search/ranking.ts": "export const rank = (hits: Hit[]) => hits.toSorted(byScore);\n",
  "payments/build": BUILD,
  "payments/Cargo.toml": '[workspace]\nmembers = ["ledger", "settlement"]\n',
  "docs/crawl": CRAWL,
  "docs/index.md": "# Guide\n",
  ".bash_profile": "PS1='\\[\\033[36m\\]\\w\\[\\033[0m\\] \\$ '\n",
};

/** Writes them; `shop` is a repository with a branch beside the main one. */
export async function writeProjects(home: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(home, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (text.startsWith("#!")) await chmod(file, 0o755);
  }
  const shop = join(home, "shop");
  const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
  for (const words of [
    ["init", "--quiet", "--initial-branch=main"],
    ["add", "--all"],
    [...who, "commit", "--quiet", "--message", "Basket, checkout and search"],
    ["branch", "fix-postal-codes"],
  ]) {
    await run("git", ["-C", shop, ...words]);
  }
}
