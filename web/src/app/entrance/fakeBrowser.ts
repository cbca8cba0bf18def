// A browser for tests: tabs with memory of their own and in common, and locks.

import { vi } from "vitest";
import type { Memory, Rooms } from "./vault";

/** Locks as browsers have them, as far as they are used here. */
class FakeLocks {
  #held = new Map<string, Promise<unknown>>();

  request<T>(name: string, callback: LockGrantedCallback<T>): Promise<Awaited<T>>;
  request<T>(
    name: string,
    options: LockOptions,
    callback: LockGrantedCallback<T>,
  ): Promise<Awaited<T>>;
  async request<T>(
    name: string,
    second: LockOptions | LockGrantedCallback<T>,
    third?: LockGrantedCallback<T>,
  ): Promise<Awaited<T>> {
    const act = typeof second === "function" ? second : third;
    if (act === undefined) throw new TypeError("nothing to do");
    const lock = { name, mode: "exclusive" as const };
    if (typeof second === "object" && second.ifAvailable && this.#held.has(name)) {
      return await act(null);
    }
    const before = this.#held.get(name) ?? Promise.resolve();
    const turn = (async () => {
      await before.catch(() => {});
      return await act(lock);
    })();
    this.#held.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#held.get(name) === turn) this.#held.delete(name);
    }
  }
}

/** What one tab remembers. */
export class TabMemory implements Memory {
  readonly #values: Map<string, string>;

  /** Begins with what another tab has, as a copy of that does. */
  constructor(original?: TabMemory) {
    this.#values = new Map(original === undefined ? [] : original.#values);
  }

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }

  removeItem(key: string): void {
    this.#values.delete(key);
  }
}

/** What all tabs share, as one of them sees it: what others wrote becomes visible a little later. */
export class LateMemory implements Memory {
  #seen: Map<string, string | null> | undefined;

  /** From now on nothing of what others write is seen, for so long. */
  lag(ms: number): void {
    this.#seen = new Map(Object.keys(localStorage).map((key) => [key, localStorage.getItem(key)]));
    setTimeout(() => {
      this.#seen = undefined;
    }, ms);
  }

  getItem(key: string): string | null {
    return this.#seen === undefined ? localStorage.getItem(key) : (this.#seen.get(key) ?? null);
  }

  setItem(key: string, value: string): void {
    localStorage.setItem(key, value);
  }

  removeItem(key: string): void {
    localStorage.removeItem(key);
  }
}

/** One browser. Its shared memory is that of the test's own window. */
export class FakeBrowser {
  readonly #tabs: EventTarget[] = [];
  readonly locks = new FakeLocks();

  constructor() {
    localStorage.clear();
    const { setItem, removeItem } = Storage.prototype;
    const spread = (storageArea: Storage, key: string) => {
      const event = () => new StorageEvent("storage", { key, storageArea });
      queueMicrotask(() => {
        for (const tab of this.#tabs) tab.dispatchEvent(event());
      });
    };
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(function (this: Storage, key, value) {
      const isNews = this.getItem(key) !== value;
      setItem.call(this, key, value);
      if (isNews) spread(this, key);
    });
    vi.spyOn(Storage.prototype, "removeItem").mockImplementation(function (this: Storage, key) {
      const isNews = this.getItem(key) !== null;
      removeItem.call(this, key);
      if (isNews) spread(this, key);
    });
  }

  /** Another tab of a page that came over https. */
  tab(): Rooms {
    return { ...this.plainTab(), locks: this.locks };
  }

  /** Another tab of a page that came over plain http, where browsers have no locks. */
  plainTab(own: TabMemory = new TabMemory()): Rooms {
    const page = new EventTarget();
    this.#tabs.push(page);
    return { locks: undefined, shared: localStorage, own, page };
  }
}
