// How the page looks and moves, and when that changes: terminals draw themselves and have to be told.

export { appearanceNow } from "@/ui/palettes";

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
