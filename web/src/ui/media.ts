// What the screen is like: narrow, touched, or half covered by its own keyboard.

import { useEffect, useSyncExternalStore } from "react";

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Whether one thing at a time is enough for the screen: a phone. */
export const useIsNarrow = (): boolean => useMedia("(max-width: 639px)");

/** Whether fingers are what it is used with. */
export const useIsTouched = (): boolean => useMedia("(pointer: coarse)");

/** No bar of any browser is higher, and no keyboard is lower. */
const KEYBOARD = 160;

/**
 * Says on the page's root while a keyboard covers a part of a touched screen, as `data-keyboard="open"`, so that what is
 * not needed for typing makes room.
 */
export function useKeyboardMark(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (seen === null || !matchMedia("(pointer: coarse)").matches) return;
    const root = document.documentElement;
    let highest = 0;
    let width = 0;
    const measure = () => {
      if (width !== window.innerWidth) highest = 0;
      width = window.innerWidth;
      // A page that is zoomed in with two fingers has no keyboard over it.
      if (seen.scale > 1.01) return;
      highest = Math.max(highest, seen.height);
      if (highest - seen.height > KEYBOARD) root.dataset.keyboard = "open";
      else delete root.dataset.keyboard;
    };
    measure();
    seen.addEventListener("resize", measure);
    return () => {
      seen.removeEventListener("resize", measure);
      delete root.dataset.keyboard;
    };
  }, []);
}
