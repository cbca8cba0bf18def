// Compares what viewers see live with what a snapshot shows them, in the terminal that viewers have.
//
// Reads one case per line from standard input, as JSON:
//   {name, columns, rows, scrollback, steps}
// where a step is {feed: base64} or {resize: [columns, rows]} or {snapshot: base64}. At every snapshot a used
// terminal takes it; it has to be the same as the one that was fed from the beginning, there and at the next
// snapshot, after the same output. Every twentieth lives on until the size changes. Prints one line of JSON per case:
// {name, checked, differences}.

import { createInterface } from "node:readline";
import headless from "@xterm/headless";
import unicode11 from "@xterm/addon-unicode11";

const { Terminal } = headless;
const { Unicode11Addon } = unicode11;
const LONG_LIVED_EVERY = 20;
const MAX_DIFFERENCES = 3;

// xterm.js forgets a link whose first lines are gone, also where its text still stands. The snapshot knows it.
const FORGOTTEN = "forgotten";

function isSame(one, other) {
  if (one === other) return true;
  if (!one.includes(FORGOTTEN) && !other.includes(FORGOTTEN)) return false;
  const withoutLink = (text) => text.replace(/(:\d+):(forgotten|http[^"|]*|)/g, "$1:");
  return withoutLink(one) === withoutLink(other);
}

// What a cell keeps of its attributes: the words of xterm.js without bits that nothing reads.
function normalised(word) {
  const mode = word & 0x3000000;
  const value = mode === 0 ? 0 : mode === 0x3000000 ? word & 0xffffff : word & 0xff;
  return ((word & 0xfc000000) | mode | value) >>> 0;
}

// A cursor that was never saved is restored to a line that moves with every resize. Nobody means that.
function saved([x, y, ...style]) {
  return x === 0 && JSON.stringify(style) === '[0,0,"ascii"]' ? "nothing" : [x, y, ...style];
}

class Viewer {
  constructor(columns, rows, scrollback) {
    this.terminal = new Terminal({ cols: columns, rows, scrollback, allowProposedApi: true, logLevel: "off" });
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.core = this.terminal._core;
    this.decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    this.replies = [];
    this.terminal.onData((text) => this.replies.push(text));
  }

  // Viewers get text: what is not UTF-8 has become U+FFFD on its way.
  write(bytes) {
    this.core.writeSync(this.decoder.decode(bytes, { stream: true }));
  }

  take(step) {
    if (step.feed !== undefined) this.write(step.feed);
    if (step.resize !== undefined) this.terminal.resize(...step.resize);
  }

  state() {
    const core = this.core;
    const handler = core._inputHandler;
    const { charset, glevel, _charsets } = core._charsetService;
    const set = (one) => (one ? JSON.stringify(one) : "ascii");
    const pen = handler._curAttrData;
    const buffer = core._bufferService.buffers.active;
    return {
      isAlternate: core._bufferService.buffers.active === core._bufferService.buffers.alt,
      x: buffer.x,
      y: buffer.y,
      margins: [buffer.scrollTop, buffer.scrollBottom],
      tabs: Object.keys(buffer.tabs).map(Number).filter((x) => buffer.tabs[x] && x < core.cols),
      saved: saved([
        Math.min(buffer.savedX || 0, core.cols - 1),
        Math.min(Math.max((buffer.savedY || 0) - buffer.ybase, 0), core.rows - 1),
        normalised(buffer.savedCurAttrData.fg),
        normalised(buffer.savedCurAttrData.bg),
        set(buffer.savedCharset),
      ]),
      pen: [normalised(pen.fg), normalised(pen.bg), pen.bg & 0x10000000 ? this.extended(pen) : ""],
      charsets: [set(charset), glevel, ...[0, 1, 2, 3].map((level) => set(_charsets[level]))],
      insert: core.coreService.modes.insertMode,
      private: { ...core.coreService.decPrivateModes },
      isCursorHidden: core.coreService.isCursorHidden,
      newline: core.optionsService.rawOptions.convertEol,
      mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
      title: handler._windowTitle,
      parser: handler._parser.currentState,
      joins: handler._parser.precedingJoinState !== 0,
    };
  }

  extended(attributes) {
    const extended = attributes.extended;
    if (!extended) return "";
    const link = extended.urlId ? (this.core._oscLinkService.getLinkData(extended.urlId)?.uri ?? FORGOTTEN) : "";
    const colour = extended._ext & 0x3ffffff;
    return `${extended._ext & 0x1c000000}:${normalised(colour)}:${link}`;
  }

  cell(line, x) {
    const [content, fg, bg] = line._data.subarray(x * 3, x * 3 + 3);
    const text = content & 0x200000 ? line._combined[x] : content & 0x1fffff ? String.fromCodePoint(content & 0x1fffff) : " ";
    const extended = bg & 0x10000000 ? this.extended({ extended: line._extendedAttrs[x] }) : "";
    const width = content >> 22;
    // A smaller size may cut a wide character in half. A snapshot shows a blank there.
    if (width === 2 && x === this.core.cols - 1) return ` |1|${normalised(fg).toString(16)}|${normalised(bg).toString(16)}|${extended}`;
    return `${text}|${width}|${normalised(fg).toString(16)}|${normalised(bg).toString(16)}|${extended}`;
  }
}

function isSameLine(one, other, columns) {
  for (let index = 0; index < columns * 3; index += 1) {
    if (one._data[index] !== other._data[index]) return false;
    if (index % 3 === 0 && one._data[index] & 0x200000) return false;
    if (index % 3 === 2 && one._data[index] & 0x10000000) return false;
  }
  return true;
}

function compareBuffers(live, shown, name, differences) {
  const [liveBuffer, shownBuffer] = [live, shown].map((viewer) => viewer.core._bufferService.buffers[name]);
  const [one, other] = [liveBuffer.lines, shownBuffer.lines];
  // An xterm.js that was made smaller keeps lines of the alternate screen after they scrolled out. A fresh one
  // does not: there, only what is on the screen is compared.
  const [first, otherFirst] = name === "alt" ? [liveBuffer.ybase, shownBuffer.ybase] : [0, 0];
  // Making it smaller may also leave lines below the screen that are never shown again.
  const [end, otherEnd] = [liveBuffer, shownBuffer].map((buffer) => Math.min(buffer.ybase + live.core.rows, buffer.lines.length));
  if (end - first !== otherEnd - otherFirst) {
    differences.push(`${name}: ${end - first} lines live, ${otherEnd - otherFirst} from the snapshot`);
    return;
  }
  const columns = live.core.cols;
  for (let y = first; y < end && differences.length < MAX_DIFFERENCES; y += 1) {
    const [left, right] = [one.get(y), other.get(y - first + otherFirst)];
    if (left.isWrapped !== right.isWrapped) {
      differences.push(`${name} line ${y}/${one.length}: wrapped ${left.isWrapped} live, ${right.isWrapped} from the snapshot`);
    }
    if (isSameLine(left, right, columns)) continue;
    for (let x = 0; x < columns; x += 1) {
      const [here, there] = [live.cell(left, x), shown.cell(right, x)];
      if (!isSame(here, there)) {
        differences.push(`${name} line ${y}/${one.length} column ${x}: ${JSON.stringify(here)} live, ${JSON.stringify(there)} from the snapshot`);
        break;
      }
    }
  }
}

function compare(live, shown) {
  const differences = [];
  const [one, other] = [live.state(), shown.state()];
  for (const key of Object.keys(one)) {
    const [here, there] = [JSON.stringify(one[key]), JSON.stringify(other[key])];
    if (!isSame(here, there)) differences.push(`${key}: ${here} live, ${there} from the snapshot`);
  }
  compareBuffers(live, shown, "normal", differences);
  if (one.isAlternate && other.isAlternate) compareBuffers(live, shown, "alt", differences);
  return differences.slice(0, MAX_DIFFERENCES);
}

// A terminal that somebody has used before, and left in the middle of something.
function used(columns, rows, scrollback) {
  const viewer = new Viewer(columns, rows, scrollback);
  viewer.write(Buffer.from("before\x1b[3;5r\x1b[?6;25l\x1b[?1049hx\x1b[4;20h\x1b(0\x1b[1;31m\x1b]8;;http://x\x07\x1b[?1003;1006h\x1bP1$"));
  viewer.decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return viewer;
}

function check({ name, columns, rows, scrollback, steps }) {
  const live = new Viewer(columns, rows, scrollback);
  let viewers = [];
  let checked = 0;
  const differences = [];
  for (const [index, step] of steps.entries()) {
    for (const kind of ["feed", "snapshot"]) {
      if (step[kind] !== undefined) step[kind] = Buffer.from(step[kind], "base64");
    }
    // A new size comes with a new snapshot. Wrapping anew depends on more than is seen, such as whether a blank was
    // written or is only empty, so that what was shown from an older one may become different.
    if (step.resize !== undefined) viewers = [];
    live.take(step);
    for (const viewer of viewers) viewer.take(step);
    if (step.snapshot === undefined && index + 1 < steps.length) continue;
    for (const viewer of viewers) {
      const found = compare(live, viewer);
      if (found.length > 0) differences.push({ from: viewer.step, at: index, found });
    }
    viewers = viewers.filter((viewer) => viewer.isLongLived);
    if (differences.length >= MAX_DIFFERENCES) break;
    if (step.snapshot === undefined) continue;
    const viewer = used(live.terminal.cols, live.terminal.rows, scrollback);
    viewer.step = index;
    viewer.isLongLived = checked % LONG_LIVED_EVERY === 0;
    viewer.write(step.snapshot);
    checked += 1;
    const found = compare(live, viewer);
    if (viewer.replies.length > 0) found.push(`the snapshot was answered: ${JSON.stringify(viewer.replies)}`);
    if (found.length > 0) differences.push({ from: index, at: index, found });
    viewers.push(viewer);
    if (differences.length >= MAX_DIFFERENCES) break;
  }
  return { name, checked, differences };
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "") console.log(JSON.stringify(check(JSON.parse(line))));
}
