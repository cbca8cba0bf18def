// A screen in its place of the page: how many cells fit, and how a size is shown that was chosen elsewhere.

import { isSameSize, type Size } from "./backlog";
import { cellsIn, type Extent, fontFor } from "./fitting";
import { usePreferences } from "./preferences";
import { BAR_WIDTH, type Screen } from "./screen";
import type { Claim } from "./sizing";

/** The free room around a terminal, in pixels. */
const EDGE = 6;

/** Answers to one's own size get this long to come before another is shown as it is. */
const ANSWER_MS = 250;

/** See the top of the file. */
export class Placing {
  #place: HTMLElement | undefined;
  #observer: ResizeObserver | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether not all lines of the terminal fit into the window. */
  #isHigher = false;

  constructor(
    private readonly screen: Screen,
    private readonly claim: Claim,
    /** So many cells fit now. */
    private readonly fitted: (cells: Size) => void,
    /** Whether whoever looks may decide the size at all. */
    private readonly mayDecide: () => boolean,
  ) {}

  /** Puts the screen there; what is returned takes it out again. */
  mount(place: HTMLElement): () => void {
    this.#place = place;
    place.style.padding = `${EDGE}px 0 0 ${EDGE}px`;
    this.paint();
    this.screen.mount(place);
    this.#observer = new ResizeObserver(() => this.fit());
    this.#observer.observe(place);
    // Cells have another size with another font, renderer or screen.
    const cells = this.screen.element.querySelector(".xterm-screen");
    if (cells !== null) this.#observer.observe(cells);
    this.fit();
    return () => {
      this.#observer?.disconnect();
      this.#place = undefined;
      this.screen.unmount();
    };
  }

  /** The edge has the colour of the terminal. */
  paint(): void {
    if (this.#place !== undefined) this.#place.style.backgroundColor = this.screen.background;
  }

  /** Counts how many cells fit. */
  fit(): void {
    const [room, cell] = [this.#room(), this.screen.cell()];
    if (room === undefined || cell === undefined) return;
    const cells = cellsIn(room, cell);
    if (cells === undefined) return;
    this.fitted(cells);
    if (this.claim.inForce === undefined) this.screen.resize(cells.cols, cells.rows);
    this.boxLater();
  }

  /** Shows a size of others whole, if letters can be small enough for that. */
  boxLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#box(), ANSWER_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#observer?.disconnect();
  }

  #room(): Extent | undefined {
    if (this.#place === undefined) return undefined;
    const { clientWidth, clientHeight } = this.#place;
    return { width: clientWidth - BAR_WIDTH - EDGE, height: clientHeight - 2 * EDGE };
  }

  #box(): void {
    const wanted = usePreferences.getState().chosen.fontSize;
    const size = this.claim.inForce;
    const [room, cell] = [this.#room(), this.screen.cell()];
    if (size === undefined || room === undefined || cell === undefined) return;
    const isOwn = this.claim.ownership === "mine" && this.mayDecide();
    const isBoxed = !isOwn && !isSameSize(size, this.claim.fit);
    const font = isBoxed ? fontFor(size, room, cell, wanted) : wanted;
    this.screen.setFont(font);
    this.screen.element.toggleAttribute("data-is-boxed", isBoxed);
    const scale = font / wanted;
    const isWider = isBoxed && size.cols * cell.width * scale > room.width + 1;
    const isHigher = isBoxed && size.rows * cell.height * scale > room.height + 1;
    this.#scrolls(isWider, isHigher);
  }

  /** What does not fit with the smallest letters is scrolled to; what is printed next is at the bottom. */
  #scrolls(isWider: boolean, isHigher: boolean): void {
    const place = this.#place;
    if (place === undefined) return;
    place.style.overflow = isWider || isHigher ? "auto" : "hidden";
    if (!isWider) place.scrollLeft = 0;
    if (isHigher !== this.#isHigher) place.scrollTop = isHigher ? place.scrollHeight : 0;
    this.#isHigher = isHigher;
  }
}
