// Several tabs hear the same; one of them tells it. The one that is looked at comes first.

/** How long a notice is nobody else's any more. */
const HELD_MS = 20_000;

/** How close somebody is to a tab. */
export type Closeness = "focused" | "visible" | "hidden";

/** How long a tab leaves it to those that are closer. */
const WAITS: Record<Closeness, number> = { focused: 0, visible: 250, hidden: 700 };

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Whether this tab is the one to tell the notice of that name. Without locks every tab is. */
export async function isOurs(
  name: string,
  closeness: Closeness,
  locks: Pick<LockManager, "request"> | undefined = navigator.locks,
): Promise<boolean> {
  if (locks === undefined) return true;
  await pause(WAITS[closeness]);
  return new Promise((resolve) => {
    void locks.request(`pilothouse.notice ${name}`, { ifAvailable: true }, async (lock) => {
      resolve(lock !== null);
      if (lock !== null) await pause(HELD_MS);
    });
  });
}
