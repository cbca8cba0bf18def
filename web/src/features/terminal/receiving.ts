// What is pasted into a terminal's place, or dropped onto it: text and pictures. It is taken before xterm.js sees it.

import { filesOf } from "./pictures";
import type { Typing } from "./typing";

/** Takes what is pasted or dropped, until what is returned is called. */
export function attendPastes(
  place: HTMLElement,
  typing: Pick<Typing, "paste" | "sendPictures">,
): () => void {
  const pasted = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const files = filesOf(event.clipboardData);
    // Programs that copy tables put a picture of them beside the text.
    if (text !== "") typing.paste(text);
    else if (files.length > 0) void typing.sendPictures(files);
  };
  const over = (event: DragEvent) => event.preventDefault();
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    const files = filesOf(event.dataTransfer);
    if (files.length > 0) void typing.sendPictures(files);
    else typing.paste(event.dataTransfer?.getData("text/plain") ?? "");
  };
  place.addEventListener("paste", pasted, { capture: true });
  place.addEventListener("dragover", over);
  place.addEventListener("drop", dropped);
  return () => {
    place.removeEventListener("paste", pasted, { capture: true });
    place.removeEventListener("dragover", over);
    place.removeEventListener("drop", dropped);
  };
}
