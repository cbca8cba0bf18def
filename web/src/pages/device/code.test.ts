import { expect, it } from "vitest";
import { codeOf, written } from "./code";

it("writes a code as the program shows it, however it is typed", () => {
  expect(written("bcdf ghjk")).toBe("BCDF-GHJK");
  expect(written("bcdf-ghjkxyz")).toBe("BCDF-GHJK");
  expect(written("bcd")).toBe("BCD");
  expect(written("bcdf-")).toBe("BCDF");
});

it("finds the code in the address, in either of its places", () => {
  expect(codeOf("?user_code=bcdf-ghjk", "")).toBe("BCDF-GHJK");
  expect(codeOf("", "#code=BCDF-GHJK")).toBe("BCDF-GHJK");
  expect(codeOf("", "code=BCDF-GHJK")).toBe("BCDF-GHJK");
  expect(codeOf("?other=1", "#content")).toBe("");
});
