// @vitest-environment jsdom
// What a mouse, keys and fingers do here is what is done there, in its order.
import type { BrowserInput } from "pilothouse-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Aim } from "./aim";
import { Fingers } from "./fingers";
import { attendKeyboard } from "./keyboard";
import { inputOf, meaningOf, retyped, type typed } from "./keys";
import { attendMouse } from "./mouse";

const NONE = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
const key = (name: string, more: object = {}) => ({
  key: name,
  code: `Key${name}`,
  ...NONE,
  ...more,
});

let said: BrowserInput[];
let isSteering: boolean;
let ends: (() => void)[];

/** A picture of 1000 × 1000 at the corner of the screen, shown at half its size. */
const aim: Aim = {
  isSteering: () => isSteering,
  spot: ({ x, y }, beside) => {
    const isInside = x >= 0 && x < 500 && y >= 0 && y < 500;
    if (!isInside && beside !== "edge") return undefined;
    const within = (value: number) => Math.min(999, Math.max(0, value * 2));
    return { x: within(x), y: within(y), seq: 7 };
  },
  scale: () => 2,
  send: (input) => void said.push(input),
};

beforeEach(() => {
  said = [];
  isSteering = true;
  ends = [];
});
afterEach(() => {
  for (const end of ends) end();
  document.body.replaceChildren();
});

const brief = () =>
  said.map((input) => {
    if (input.type === "input_mouse") {
      const { eventType, x, y, button, clickCount, deltaY, modifiers } = input;
      const more = [button, clickCount, deltaY && `by ${deltaY}`, modifiers && `with ${modifiers}`];
      return [eventType, `${x},${y}`, ...more.filter(Boolean)].join(" ");
    }
    if (input.type === "input_keyboard") {
      const { eventType, key: name, text, modifiers } = input;
      return [eventType, name, text && JSON.stringify(text), modifiers && `with ${modifiers}`]
        .filter(Boolean)
        .join(" ");
    }
    return input.type === "input_clipboard" ? `paste ${input.text}` : input.type;
  });

describe("a mouse", () => {
  function mouse() {
    const place = document.createElement("div");
    document.body.append(place);
    const frames: (() => void)[] = [];
    ends.push(
      attendMouse(
        place,
        aim,
        () => {},
        (frame) => void frames.push(frame),
      ),
    );
    const at = (type: string, clientX: number, clientY: number, more: MouseEventInit = {}) =>
      place.dispatchEvent(
        new MouseEvent(type, { clientX, clientY, bubbles: true, cancelable: true, ...more }),
      );
    const frame = () => {
      for (const draw of frames.splice(0)) draw();
    };
    return { place, at, frame };
  }

  it("moves at most once for each picture on the screen, and before it clicks", () => {
    const { at, frame } = mouse();
    at("mousemove", 10, 10);
    at("mousemove", 20, 20);
    at("mousemove", 30, 30);
    expect(said).toEqual([]);
    at("mousedown", 30, 30, { detail: 1, buttons: 1 });
    at("mouseup", 30, 30, { detail: 1 });
    frame();
    expect(brief()).toEqual([
      "mouseMoved 60,60 none",
      "mousePressed 60,60 left 1",
      "mouseReleased 60,60 left 1",
    ]);
    expect(said.every((input) => input.seq === 7)).toBe(true);
  });

  it("drags beyond the picture, and lets go there", () => {
    const { at, frame } = mouse();
    at("mousedown", 100, 100, { detail: 1, buttons: 1 });
    at("mousemove", 900, 100, { buttons: 1 });
    frame();
    at("mouseup", 900, 100, { detail: 1 });
    expect(brief()).toEqual([
      "mousePressed 200,200 left 1",
      "mouseMoved 999,200 left",
      "mouseReleased 999,200 left 1",
    ]);
  });

  it("does nothing beside the picture, nor for somebody who only watches", () => {
    const { at, frame } = mouse();
    at("mousedown", 600, 100, { detail: 1 });
    at("mouseup", 600, 100, { detail: 1 });
    isSteering = false;
    const isKept = at("mousedown", 100, 100, { detail: 1 });
    at("mouseup", 100, 100, { detail: 1 });
    at("mousemove", 100, 100);
    frame();
    expect([brief(), isKept]).toEqual([[], true]);
  });

  it("has two clicks for a double click, other buttons, and keys that are held", () => {
    const { at } = mouse();
    at("mousedown", 1, 1, { detail: 2, button: 2, shiftKey: true, ctrlKey: true });
    expect(brief()).toEqual(["mousePressed 2,2 right 2 with 10"]);
    expect(at("contextmenu", 1, 1)).toBe(false);
  });

  it("adds up turns of the wheel, and leaves the viewer's own zoom alone", () => {
    const { place, frame } = mouse();
    const turn = (deltaY: number, more: WheelEventInit = {}) =>
      place.dispatchEvent(
        new WheelEvent("wheel", { clientX: 5, clientY: 5, deltaY, cancelable: true, ...more }),
      );
    expect(turn(30)).toBe(false);
    turn(2, { deltaMode: WheelEvent.DOM_DELTA_LINE });
    expect(turn(9, { ctrlKey: true })).toBe(true);
    frame();
    expect(brief()).toEqual(["mouseWheel 10,10 by 110"]);
  });
});

describe("a key", () => {
  it.each([
    [key("a"), "a", 0],
    [key("A", { shiftKey: true }), "A", 8],
    [key("Enter"), "\r", 0],
    [key("a", { ctrlKey: true }), undefined, 2],
    [key("ArrowLeft", { shiftKey: true }), undefined, 8],
    // The third row of letters that many keyboards have.
    [key("@", { ctrlKey: true, altKey: true }), "@", 0],
    [key("€"), "€", 0],
  ])("%o writes %j", (pressed, text, modifiers) => {
    const input = inputOf(pressed, "keyDown", false);
    expect([input.text, input.modifiers]).toEqual([text, modifiers]);
    expect(inputOf(pressed, "keyUp", false).text).toBeUndefined();
  });

  it("is what people mean on machines with Command", () => {
    expect(inputOf(key("a", { metaKey: true }), "keyDown", true)).toMatchObject({ modifiers: 2 });
    expect(inputOf({ ...key("Meta"), code: "MetaLeft" }, "keyDown", true)).toMatchObject({
      key: "Control",
      code: "ControlLeft",
    });
  });

  it.each([
    [{ ctrlKey: true, shiftKey: true }, "Escape", false, "leave"],
    [{}, "Escape", false, "key"],
    [{ ctrlKey: true }, "v", false, "paste"],
    [{ ctrlKey: true }, "v", true, "key"],
    [{ metaKey: true }, "c", true, "copy"],
    [{ ctrlKey: true }, "x", false, "cut"],
    [{ ctrlKey: true, shiftKey: true }, "C", false, "key"],
    [{}, "Process", false, "text"],
    [{}, "Unidentified", false, "text"],
    [{ isComposing: true }, "a", false, "text"],
  ])("%o %s (Command: %s) means %s", (more, name, isApple, meaning) => {
    expect(meaningOf({ ...key(name), isComposing: false, ...more }, isApple)).toBe(meaning);
  });
});

describe("text that is typed anew", () => {
  it("takes back what is not the same, and adds the rest", () => {
    const words = (inputs: ReturnType<typeof typed>) =>
      inputs.filter(({ eventType }) => eventType !== "keyUp").map((one) => one.text ?? one.key);
    expect(words(retyped("helo", "hello"))).toEqual(["Backspace", "l", "o"]);
    expect(words(retyped("", "né\n"))).toEqual(["n", "é", "\r"]);
    expect(words(retyped("ab", ""))).toEqual(["Backspace", "Backspace"]);
    expect(words(retyped("same", "same"))).toEqual([]);
  });
});

describe("a keyboard", () => {
  function keyboard(isTouched = false) {
    const field = document.createElement("textarea");
    document.body.append(field);
    const left = vi.fn();
    ends.push(attendKeyboard(field, aim, { left }, isTouched));
    const elsewhere = vi.fn();
    addEventListener("keydown", elsewhere);
    ends.push(() => removeEventListener("keydown", elsewhere));
    const send = (type: string, name: string, more: KeyboardEventInit = {}) =>
      field.dispatchEvent(
        new KeyboardEvent(type, {
          key: name,
          code: `Key${name}`,
          bubbles: true,
          cancelable: true,
          ...more,
        }),
      );
    const write = (inputType: string, data: string | null = null) =>
      field.dispatchEvent(
        new InputEvent("beforeinput", { inputType, data, cancelable: true, bubbles: true }),
      );
    const compose = (type: string, data: string) =>
      field.dispatchEvent(new CompositionEvent(type, { data }));
    return { field, left, elsewhere, send, write, compose };
  }

  it("gives every key to the browser, and none to the page here", () => {
    const { send, elsewhere } = keyboard();
    expect(send("keydown", "k", { ctrlKey: true })).toBe(false);
    send("keyup", "k", { ctrlKey: true });
    expect(brief()).toEqual(["keyDown k with 2", "keyUp k with 2"]);
    expect(elsewhere).not.toHaveBeenCalled();
  });

  it("is left with one key, and holds nothing down after that", () => {
    const { send, left } = keyboard();
    send("keydown", "Shift");
    send("keydown", "Escape", { ctrlKey: true, shiftKey: true });
    expect(left).toHaveBeenCalledOnce();
    expect(brief()).toEqual(["keyDown Shift", "keyUp Shift"]);
  });

  it("is the page's own for somebody who only watches", () => {
    isSteering = false;
    const { send, elsewhere, write } = keyboard();
    expect(send("keydown", "k", { ctrlKey: true })).toBe(true);
    expect(elsewhere).toHaveBeenCalledOnce();
    expect([write("insertText", "k"), brief()]).toEqual([false, []]);
  });

  it("pastes what this machine has, and copies what the browser has", () => {
    const { field, send } = keyboard();
    expect(send("keydown", "v", { ctrlKey: true })).toBe(true);
    const pasted = new Event("paste", { cancelable: true });
    Object.assign(pasted, { clipboardData: { getData: () => "from here" } });
    field.dispatchEvent(pasted);
    send("keydown", "c", { ctrlKey: true });
    send("keydown", "x", { ctrlKey: true });
    expect(brief()).toEqual(["paste from here", "input_copy", "input_copy", "keyDown x with 2"]);
  });

  it("on a screen writes letters that have no keys", () => {
    const { send, write } = keyboard(true);
    expect(send("keydown", "Unidentified")).toBe(true);
    expect(write("insertText", "hi")).toBe(false);
    write("deleteContentBackward");
    write("insertLineBreak");
    expect(brief()).toEqual([
      'char "h"',
      'char "i"',
      "keyDown Backspace",
      "keyUp Backspace",
      'keyDown Enter "\\r"',
      "keyUp Enter",
    ]);
  });

  it("on a screen types words while they are composed", () => {
    const { compose } = keyboard(true);
    compose("compositionstart", "");
    compose("compositionupdate", "he");
    compose("compositionupdate", "ha");
    compose("compositionend", "ha");
    expect(brief()).toEqual([
      'char "h"',
      'char "e"',
      "keyDown Backspace",
      "keyUp Backspace",
      'char "a"',
    ]);
  });

  it("on a desk waits until what is composed is done", () => {
    const { compose } = keyboard();
    compose("compositionstart", "");
    compose("compositionupdate", "ni");
    expect(brief()).toEqual([]);
    compose("compositionend", "你");
    expect(brief()).toEqual(['char "你"']);
  });
});

describe("fingers", () => {
  function fingers() {
    const told: string[] = [];
    const at = ({ x, y }: { x: number; y: number }) => `${x},${y}`;
    let hold = () => {};
    const made = new Fingers(
      {
        tap: (point) => told.push(`tap ${at(point)}`),
        scroll: (from, to) => told.push(`scroll ${at(from)} ${at(to)}`),
        grab: (point) => told.push(`grab ${at(point)}`),
        drag: (to) => told.push(`drag ${at(to)}`),
        drop: (point) => told.push(`drop ${at(point)}`),
        pinch: (from, to, factor) => told.push(`pinch ${at(from)} ${at(to)} ${factor}`),
      },
      (_, callback) => {
        hold = callback;
        return () => {
          hold = () => {};
        };
      },
    );
    return { made, told, hold: () => hold() };
  }
  const one = { x: 10, y: 10 };

  it("tap, also if they tremble", () => {
    const { made, told } = fingers();
    made.down([one]);
    made.moved([{ x: 13, y: 10 }]);
    made.up(0);
    expect(told).toEqual(["tap 10,10"]);
  });

  it("scroll, and tap nothing then", () => {
    const { made, told, hold } = fingers();
    made.down([one]);
    made.moved([{ x: 10, y: 30 }]);
    hold();
    made.moved([{ x: 10, y: 40 }]);
    made.up(0);
    expect(told).toEqual(["scroll 10,10 10,30", "scroll 10,30 10,40"]);
  });

  it("drag when they held still", () => {
    const { made, told, hold } = fingers();
    made.down([one]);
    hold();
    made.moved([{ x: 90, y: 10 }]);
    made.up(0);
    expect(told).toEqual(["grab 10,10", "drag 90,10", "drop 90,10"]);
  });

  it("look closer when there are two, and drop what they held", () => {
    const { made, told, hold } = fingers();
    made.down([one]);
    hold();
    made.down([one, { x: 30, y: 10 }]);
    made.moved([one, { x: 50, y: 10 }]);
    made.up(1);
    made.moved([{ x: 99, y: 99 }]);
    made.up(0);
    expect(told).toEqual(["grab 10,10", "drop 10,10", "pinch 20,10 30,10 2"]);
  });
});
