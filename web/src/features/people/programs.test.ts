import { expect, it } from "vitest";
import { programName } from "./programs";

it("says in words what browsers and programs call themselves", () => {
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const edge =
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
  const phone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1";
  expect(programName(firefox)).toBe("Firefox on Linux");
  expect(programName(edge)).toBe("Edge on Windows");
  expect(programName(phone)).toBe("Safari on iOS");
  expect(programName("pilothouse/0.1.0 (linux)")).toBe("pilothouse");
  expect(programName("")).toMatch(/does not say/);
});
