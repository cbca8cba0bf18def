// A keyboard in front of the picture of a page: keys, text that is composed, and the clipboard.

import { type Aim, hasCommandKey } from "./aim";
import { inputOf, type Key, meaningOf, pressOf, retyped, typed } from "./keys";

/** What is always in the field, so that keyboards on screens have something to take away. */
const FILLING = "\u200b\u200b";

/** What else keys do. */
export interface KeyboardEvents {
  /** The key was pressed that leaves the picture. */
  left(): void;
}

/**
 * Lets a field take keys for the shown page, until what is returned is called. With `isTouched` text is typed while it is
 * composed, since keyboards on screens compose every word; otherwise when it is done.
 */
export function attendKeyboard(
  field: HTMLTextAreaElement,
  aim: Aim,
  events: KeyboardEvents,
  isTouched: boolean,
): () => void {
  const isApple = hasCommandKey();
  const held = new Map<string, Key>();
  let composed: string | undefined;
  const fill = () => {
    field.value = FILLING;
    field.setSelectionRange(FILLING.length, FILLING.length);
  };
  const send = (inputs: ReturnType<typeof typed>) => {
    for (const input of inputs) aim.send(input);
  };
  const release = () => {
    for (const key of held.values()) aim.send(inputOf(bare(key), "keyUp", isApple));
    held.clear();
  };
  const forward = (event: KeyboardEvent) => {
    event.preventDefault();
    held.set(event.code, event);
    aim.send(inputOf(event, "keyDown", isApple));
  };
  const down = (event: KeyboardEvent) => {
    const meaning = meaningOf(event, isApple);
    if (meaning === "leave") {
      event.preventDefault();
      event.stopPropagation();
      release();
      events.left();
      return;
    }
    if (!aim.isSteering()) return;
    // No key is a shortcut of this page while it is one of the shown page.
    event.stopPropagation();
    if (meaning === "text" || meaning === "paste") return;
    if (meaning === "copy" || meaning === "cut") aim.send({ type: "input_copy" });
    if (meaning === "copy") event.preventDefault();
    else forward(event);
  };
  const up = (event: KeyboardEvent) => {
    if (!held.delete(event.code)) return;
    event.stopPropagation();
    aim.send(inputOf(event, "keyUp", isApple));
    // Where Command is held, other keys that are let go are not told.
    if (isApple && event.key === "Meta") release();
  };
  const before = (event: InputEvent) => {
    if (!aim.isSteering()) return event.preventDefault();
    if (composed !== undefined || event.isComposing) return;
    event.preventDefault();
    if (event.inputType.startsWith("delete")) send(pressOf("Backspace"));
    else if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") {
      send(pressOf("Enter"));
    } else if (event.data !== null) send(typed(event.data));
  };
  const begun = () => {
    composed = "";
  };
  const changed = (event: CompositionEvent) => {
    if (!isTouched || composed === undefined) return;
    send(retyped(composed, event.data));
    composed = event.data;
  };
  const done = (event: CompositionEvent) => {
    send(isTouched ? retyped(composed ?? "", event.data) : typed(event.data));
    composed = undefined;
    fill();
  };
  const pasted = (event: ClipboardEvent) => {
    event.preventDefault();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (aim.isSteering() && text !== "") aim.send({ type: "input_clipboard", text });
  };
  const listeners = [
    on(field, "keydown", down),
    on(field, "keyup", up),
    on(field, "beforeinput", before),
    on(field, "compositionstart", begun),
    on(field, "compositionupdate", changed),
    on(field, "compositionend", done),
    on(field, "paste", pasted),
    // What is held down while somebody leaves would stay so.
    on(field, "blur", release),
  ];
  fill();
  return () => {
    release();
    for (const end of listeners) end();
  };
}

/** The same key without any that is held beside it. */
const bare = ({ key, code }: Key): Key => ({
  key,
  code,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
});

function on<Name extends keyof HTMLElementEventMap>(
  element: HTMLElement,
  name: Name,
  listener: (event: HTMLElementEventMap[Name]) => void,
): () => void {
  element.addEventListener(name, listener);
  return () => element.removeEventListener(name, listener);
}
