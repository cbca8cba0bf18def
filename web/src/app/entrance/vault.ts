// Where a browser keeps who is signed in: for all tabs where only one of them at a time can renew, otherwise for one tab.

/** What is kept of a sign-in. */
export interface Kept {
  readonly token: string;
  /** Good for one more token, once; absent where there is nothing to renew with. */
  readonly refreshToken?: string | undefined;
}

const KEY = "pilothouse.entrance";

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
    return refreshToken === undefined ? { token } : { token, refreshToken };
  } catch {
    return undefined;
  }
}

/**
 * One browser's memory of a sign-in.
 *
 * What renews a token is good once, and whoever shows it a second time ends the sign-in. Tabs therefore share it only
 * where the browser has locks, which it has on `https` and on the machine itself.
 */
export class Vault {
  readonly #storage: Storage;
  readonly #locks: LockManager | undefined;

  constructor(
    locks: LockManager | undefined = navigator.locks,
    shared: Storage = localStorage,
    own: Storage = sessionStorage,
  ) {
    this.#locks = locks;
    this.#storage = locks === undefined ? own : shared;
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
    const heard = (event: StorageEvent) => {
      if (event.storageArea !== this.#storage) return;
      if (event.key === KEY || event.key === null) listener(this.get());
    };
    addEventListener("storage", heard);
    return () => removeEventListener("storage", heard);
  }

  /** Does something while no other tab does it. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    return this.#locks === undefined ? act() : this.#locks.request(`${KEY}.renewal`, act);
  }
}
