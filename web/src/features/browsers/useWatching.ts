// A watched browser for as long as a view is there, connected only while somebody can see it.

import { type RefObject, useEffect, useState } from "react";
import { useStore } from "zustand";
import { useServer } from "@/api/server";
import { FIRST_FACTS, type LiveFacts } from "./facts";
import { Watching } from "./watching";

/** Looks at a session's browser; nothing before the view is there. */
export function useWatching(
  sessionId: string,
  { maxFps, hasEvents }: { readonly maxFps?: number; readonly hasEvents: boolean },
): Watching | undefined {
  const { url, token } = useServer();
  const [watching, setWatching] = useState<Watching>();
  useEffect(() => {
    const plan = { server: url, token, sessionId, hasEvents };
    const made = new Watching(maxFps === undefined ? plan : { ...plan, maxFps });
    setWatching(made);
    return () => {
      setWatching(undefined);
      made.dispose();
    };
  }, [url, token, sessionId, maxFps, hasEvents]);
  return watching;
}

/** What is known about it. */
export function useFacts<T>(watching: Watching, select: (facts: LiveFacts) => T): T {
  return useStore(watching.facts, select);
}

/** What is known before and while it is there. */
export const NOTHING_KNOWN = FIRST_FACTS;

/** Connects while a place is on the screen and its tab is to be seen, and no longer. */
export function useShownWhileSeen(
  watching: Watching | undefined,
  place: RefObject<HTMLElement | null>,
): void {
  useEffect(() => {
    const element = place.current;
    if (watching === undefined || element === null) return;
    let isOnScreen = false;
    const decide = () => watching.show(isOnScreen && !document.hidden);
    const observer = new IntersectionObserver((entries) => {
      isOnScreen = entries.at(-1)?.isIntersecting ?? isOnScreen;
      decide();
    });
    observer.observe(element);
    document.addEventListener("visibilitychange", decide);
    return () => {
      observer.disconnect();
      document.removeEventListener("visibilitychange", decide);
      watching.show(false);
    };
  }, [watching, place]);
}
