// Putting text into the clipboard, also on pages without https, where browsers have only the older way.

/** Copies text. Whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  // Pages without https have no such thing, whatever its type says.
  if ("clipboard" in navigator && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without permission the older way may still do.
    }
  }
  return copyByCommand(text);
}

function copyByCommand(text: string): boolean {
  const put = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData?.setData("text/plain", text);
  };
  document.addEventListener("copy", put, { capture: true });
  try {
    return document.execCommand("copy");
  } finally {
    document.removeEventListener("copy", put, { capture: true });
  }
}

/** The clipboard's text, if the browser lets the page read it. */
export async function pastedText(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}
