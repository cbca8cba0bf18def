// How much of a view is under the keyboard on the screen, which browsers lay over the page.

import { type RefObject, useEffect, useState } from "react";

/** That many pixels at the bottom of the view; 0 on machines with a real keyboard. */
export function useKeyboardInset(view: RefObject<HTMLElement | null>): number {
  const [inset, setInset] = useState(0);
  useEffect(() => {
    // Older browsers have none, whatever the types say.
    const seen: VisualViewport | null | undefined = window.visualViewport;
    if (!seen) return;
    const measure = () => {
      const bottom = view.current?.getBoundingClientRect().bottom ?? 0;
      // A page that is zoomed in with two fingers has no keyboard over it.
      setInset(
        seen.scale > 1.01 ? 0 : covered(bottom, { top: seen.offsetTop, height: seen.height }),
      );
    };
    measure();
    seen.addEventListener("resize", measure);
    seen.addEventListener("scroll", measure);
    return () => {
      seen.removeEventListener("resize", measure);
      seen.removeEventListener("scroll", measure);
    };
  }, [view]);
  return inset;
}

/** How many pixels of a place are under something at the bottom of what is seen, such as a keyboard on the screen. */
export function covered(
  bottom: number,
  seen: { readonly top: number; readonly height: number },
): number {
  return Math.max(0, Math.round(bottom - (seen.top + seen.height)));
}
