// Puts text into the clipboard and says so.

import { tell, tellFailure } from "@/ui/Toasts";

/** `what` begins a sentence, such as "The link". */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(`${what} was copied`);
  } catch {
    tellFailure(`${what} could not be copied`, new Error(text));
  }
}
