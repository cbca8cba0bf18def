// Draws pictures as they come: decoded beside everything else, the newest wins, and none waits behind another.

import type { LivePicture } from "pilothouse-client";
import type { Drawn } from "./geometry";

/** A picture that can be drawn. */
export type Decoded = ImageBitmap;

/** Decodes away from the page's own work. */
export const decodePicture = ({ bytes, mime }: LivePicture): Promise<Decoded> =>
  createImageBitmap(new Blob([new Uint8Array(bytes)], { type: mime }));

/** Draws into one canvas at a time. */
export class Painter {
  #canvas: HTMLCanvasElement | undefined;
  /** At most one picture waits; a newer one takes its place. */
  #next: LivePicture | undefined;
  #isBusy = false;
  #isOver = false;
  #last: Decoded | undefined;
  #drawn: Drawn | undefined;

  constructor(
    private readonly listener: {
      /** A picture is to be seen. */
      drawn(drawn: Drawn): void;
      /** A picture was dealt with: drawn, or it could not be read. Those that gave way are not told. */
      taken(picture: LivePicture): void;
    },
    private readonly decode: (picture: LivePicture) => Promise<Decoded> = decodePicture,
  ) {}

  /** The picture that is to be seen. */
  get drawn(): Drawn | undefined {
    return this.#drawn;
  }

  /** Draws there from now on; what is seen last is there at once. */
  attach(canvas: HTMLCanvasElement): () => void {
    this.#canvas = canvas;
    if (this.#last !== undefined) this.#put(this.#last);
    return () => {
      if (this.#canvas === canvas) this.#canvas = undefined;
    };
  }

  /** A picture came. */
  offer(picture: LivePicture): void {
    this.#next = picture;
    if (!this.#isBusy) void this.#work();
  }

  /** Draws nothing any more. */
  end(): void {
    this.#isOver = true;
    this.#next = undefined;
    this.#last?.close();
    this.#last = undefined;
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (;;) {
      const picture = this.#next;
      this.#next = undefined;
      if (picture === undefined || this.#isOver) break;
      await this.#draw(picture);
    }
    this.#isBusy = false;
  }

  async #draw(picture: LivePicture): Promise<void> {
    try {
      const decoded = await this.decode(picture);
      if (this.#isOver) {
        decoded.close();
        return;
      }
      this.#last?.close();
      this.#last = decoded;
      this.#put(decoded);
      this.#drawn = drawnOf(picture, decoded);
      this.listener.drawn(this.#drawn);
    } catch {
      // Bytes that are no picture; the next may be one.
    }
    if (!this.#isOver) this.listener.taken(picture);
  }

  #put(decoded: Decoded): void {
    const canvas = this.#canvas;
    if (canvas === undefined) return;
    if (canvas.width !== decoded.width || canvas.height !== decoded.height) {
      canvas.width = decoded.width;
      canvas.height = decoded.height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(decoded, 0, 0);
  }
}

/** What inputs are aimed by. Where nobody said how large the page was, it counts as large as its picture. */
function drawnOf({ seq, metadata }: LivePicture, { width, height }: Decoded): Drawn {
  const page =
    metadata === undefined
      ? { width, height }
      : { width: metadata.deviceWidth, height: metadata.deviceHeight };
  return { size: { width, height }, page, seq };
}
