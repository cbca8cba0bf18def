// Addresses in what programs print: which are opened, and with which click.

/** The address of a page, if it is one that may be opened from a terminal. */
export function webAddress(text: string): string | undefined {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Whether this is a machine of Apple's, where Cmd does what Ctrl does elsewhere. */
export const isApple = (): boolean => /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** Whether a click means to open: with the platform's key, or with a finger, which has none. */
export function opens(event: MouseEvent): boolean {
  if (matchMedia("(pointer: coarse)").matches) return true;
  return isApple() ? event.metaKey : event.ctrlKey;
}

/** What to do to open an address, in words. */
export const howToOpen = (): string => (isApple() ? "Cmd+click to open" : "Ctrl+click to open");

/** Opens an address in a tab of its own, which knows nothing of this one. */
export function openAddress(text: string): void {
  const address = webAddress(text);
  if (address !== undefined) window.open(address, "_blank", "noopener,noreferrer");
}
