// Where a browser keeps who is signed in: for all tabs where only one of them at a time can renew, otherwise for one tab.

/** What is kept of a sign-in. */
export interface Kept {
  readonly token: string;
  /** Good for one more token, once; absent where there is nothing to renew with. */
  readonly refreshToken?: string | undefined;
  /** Whose it is, so that a tab notices that somebody else signed in. */
  readonly userId?: string | undefined;
  /** Let in by a link to make the first account, and has not made it yet. */
  readonly isFirst?: boolean | undefined;
}

const KEY = "pilothouse.entrance";
/** Says that a tab is open that keeps its sign-in for itself; copies of the tab have it too. */
const OPEN = `${KEY}.open`;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

function read(value: string | null): Kept | undefined {
  if (value === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed !== "object" || parsed === null || !("token" in parsed)) return undefined;
    const token = text(parsed.token);
    if (token === undefined) return undefined;
    const refreshToken = "refreshToken" in parsed ? text(parsed.refreshToken) : undefined;
    const userId = "userId" in parsed ? text(parsed.userId) : undefined;
    return {
      token,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(userId === undefined ? {} : { userId }),
      ...("isFirst" in parsed && parsed.isFirst === true ? { isFirst: true } : {}),
    };
  } catch {
    return undefined;
  }
}

/** A memory, as far as it is used. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What browsers have that a vault needs; in tests something that is made up. */
export interface Rooms {
  /** Where the browser has them, which it does on `https` and on the machine itself. */
  readonly locks: Pick<LockManager, "request"> | undefined;
  readonly shared: Memory;
  readonly own: Memory;
  /** Where `storage`, `pagehide` and `pageshow` are told. */
  readonly page: EventTarget;
}

const browser = (): Rooms => ({
  locks: navigator.locks,
  shared: localStorage,
  own: sessionStorage,
  page: window,
});

/**
 * One browser's memory of a sign-in.
 *
 * What renews a token is good once, and whoever shows it a second time ends the sign-in. Tabs therefore share it only
 * where the browser has locks; elsewhere each has its own, and a copy of a tab gets the token without what renews it.
 */
export class Vault {
  readonly #storage: Memory;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly rooms: Rooms = browser()) {
    const { locks, own, shared, page } = rooms;
    this.#storage = locks === undefined ? own : shared;
    if (locks !== undefined) return;
    if (own.getItem(OPEN) !== null) this.#becomeCopy();
    const open = () => own.setItem(OPEN, "1");
    open();
    page.addEventListener("pageshow", open);
    page.addEventListener("pagehide", () => own.removeItem(OPEN));
  }

  get(): Kept | undefined {
    return read(this.#storage.getItem(KEY));
  }

  keep(kept: Kept): void {
    this.#storage.setItem(KEY, JSON.stringify(kept));
  }

  forget(): void {
    this.#storage.removeItem(KEY);
  }

  /** Calls `listener` when another tab signed in, renewed, or signed out. */
  watch(listener: (kept: Kept | undefined) => void): () => void {
    const { page } = this.rooms;
    const heard = (event: Event) => {
      if (!(event instanceof StorageEvent) || event.storageArea !== this.#storage) return;
      if (event.key === KEY || event.key === null) listener(this.get());
    };
    page.addEventListener("storage", heard);
    return () => page.removeEventListener("storage", heard);
  }

  /** Does something while nobody else does, in this tab or another. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    const { locks } = this.rooms;
    if (locks !== undefined) return locks.request(`${KEY}.renewal`, act);
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #becomeCopy(): void {
    const kept = this.get();
    if (kept?.refreshToken === undefined) return;
    const { refreshToken: _, ...rest } = kept;
    this.keep(rest);
  }
}
