// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { FIRST_PREFERENCES, readPreferences } from "@/features/notices/preferences";
import type { Notice, NoticeKind } from "@/live/notices";
import { isOurs } from "./claims";
import { gathered } from "./gather";
import { wayOf } from "./way";

const notice = (id: string, kind: NoticeKind = "failed"): Notice => ({
  id,
  kind,
  title: `Failed on ${id}`,
  text: "make",
  to: "/history/commands/c",
  shownAt: ["/agents/build-1"],
});

const page = { isHidden: false, path: "/", isPermitted: true };

it("tells in the corner of a page that shows something else", () => {
  expect(wayOf(notice("a"), FIRST_PREFERENCES, page)).toBe("corner");
  const same = { ...page, path: "/agents/build-1" };
  expect(wayOf(notice("a"), FIRST_PREFERENCES, same)).toBeUndefined();
});

it("tells outside of a page that is hidden, if it may and is wanted", () => {
  const hidden = { ...page, isHidden: true, path: "/agents/build-1" };
  expect(wayOf(notice("a"), FIRST_PREFERENCES, hidden)).toBe("outside");
  expect(wayOf(notice("a"), FIRST_PREFERENCES, { ...hidden, isPermitted: false })).toBeUndefined();
  const inside = { ...FIRST_PREFERENCES, failed: "page" } as const;
  expect(wayOf(notice("a"), inside, hidden)).toBeUndefined();
  expect(wayOf(notice("a"), { ...FIRST_PREFERENCES, failed: "off" }, page)).toBeUndefined();
});

it("tells few things one by one, and a crowd as one", () => {
  const few = [notice("a"), notice("b"), notice("c", "done")];
  expect(gathered(few).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  const crowd = ["a", "b", "c", "d", "e"].map((id) => notice(id));
  expect(gathered([...crowd, notice("x", "asking")])).toMatchObject([
    { title: expect.stringContaining("on x") },
    { title: "5 things failed", text: "Failed on a, Failed on b, Failed on c…", to: "/history" },
  ]);
});

it("keeps what was chosen, and reads nonsense as nothing chosen", () => {
  const chosen = { ...FIRST_PREFERENCES, asking: "off", hasSound: true } as const;
  expect(readPreferences(JSON.stringify(chosen))).toEqual(chosen);
  expect(readPreferences('{"asking":"loud","hasSound":1}')).toEqual(FIRST_PREFERENCES);
  expect(readPreferences("nothing")).toEqual(FIRST_PREFERENCES);
});

it("lets one of several tabs tell, the one that is looked at first", async () => {
  vi.useFakeTimers();
  const held = new Set<string>();
  function request<T>(name: string, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
  function request<T>(
    name: string,
    options: LockOptions,
    callback: LockGrantedCallback<T>,
  ): Promise<Awaited<T>>;
  async function request<T>(
    name: string,
    _: LockOptions | LockGrantedCallback<T>,
    act: LockGrantedCallback<T> = () => {
      throw new Error("options are missing");
    },
  ): Promise<Awaited<T>> {
    if (held.has(name)) return await act(null);
    held.add(name);
    const done = await act({ name, mode: "exclusive" });
    held.delete(name);
    return done;
  }
  const asked = Promise.all([
    isOurs("a", "hidden", { request }),
    isOurs("a", "focused", { request }),
    isOurs("a", "visible", { request }),
    isOurs("b", "hidden", { request }),
  ]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(await asked).toEqual([false, true, false, true]);
  vi.useRealTimers();
});
