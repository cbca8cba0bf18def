// The one terminal of the page that is drawn by the graphics card. Browsers give a page few such contexts, and take
// one away when there are more, so that only the focused terminal has it.

import type { Terminal } from "@xterm/xterm";

let holder: { readonly terminal: Terminal; readonly release: () => void } | undefined;
let isFast: boolean | undefined;

/** How drivers without a graphics card call themselves. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether there is a graphics card: without one, drawing like it is slower than drawing text. */
function hasGraphicsCard(): boolean {
  isFast ??= looksFast();
  return isFast;
}

function looksFast(): boolean {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const named = context.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = named === null ? "" : context.getParameter(named.UNMASKED_RENDERER_WEBGL);
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(String(name));
}

/** Gives the context to this terminal, and takes it from the one that had it. */
export async function drawFast(terminal: Terminal): Promise<void> {
  if (holder?.terminal === terminal || !hasGraphicsCard()) return;
  drawPlainly(holder?.terminal);
  // Whoever gives up meanwhile finds that it no longer holds it.
  let addon: { dispose(): void } | undefined;
  const mine = { terminal, release: () => addon?.dispose() };
  holder = mine;
  const { WebglAddon } = await import("@xterm/addon-webgl");
  if (holder !== mine) return;
  try {
    const webgl = new WebglAddon();
    webgl.onContextLoss(() => drawPlainly(terminal));
    terminal.loadAddon(webgl);
    addon = webgl;
  } catch {
    holder = undefined;
  }
}

/** Takes the context away from this terminal, if it has it. */
export function drawPlainly(terminal: Terminal | undefined): void {
  if (terminal === undefined || holder?.terminal !== terminal) return;
  const { release } = holder;
  holder = undefined;
  release();
}
