import { expect, it, vi } from "vitest";
import { Standing, watchedFetch } from "./standing";

it("asks at once when something was forbidden, and not for every refusal of a flood", async () => {
  vi.useFakeTimers();
  const recheck = vi.fn();
  const standing = new Standing(recheck);
  let status = 200;
  const asked = watchedFetch(standing, async () => new Response(null, { status }));
  await asked("http://house/");
  expect(recheck).not.toHaveBeenCalled();
  status = 403;
  for (let time = 0; time < 5; time += 1) await asked("http://house/");
  expect(recheck).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(recheck).toHaveBeenCalledTimes(2);
  await asked("http://house/");
  expect(recheck).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});
