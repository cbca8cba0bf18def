// Whether something has come into sight, so that what is dear is only fetched then.

import { type RefObject, useEffect, useState } from "react";

/** True from the first moment on at which a part of it was on the screen, or about to be. */
export function useWasSeen(place: RefObject<HTMLElement | null>): boolean {
  const [wasSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = place.current;
    if (wasSeen || element === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { rootMargin: "200px" },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [place, wasSeen]);
  return wasSeen;
}
