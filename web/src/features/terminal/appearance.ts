// How the page looks and moves, read from its root: terminals draw themselves and have to be told.

import type { Appearance } from "./themes";

/** Whether the page is light or dark now. */
export const appearanceNow = (): Appearance =>
  document.documentElement.dataset.theme === "light" ? "light" : "dark";

/** Whether whoever looks wants nothing to move. */
export const wantsCalm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Calls `changed` whenever one of both does; what is returned ends that. */
export function watchAppearance(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  calm.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    calm.removeEventListener("change", changed);
  };
}
