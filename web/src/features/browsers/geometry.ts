// Where a picture is on the screen, and which place of the shown page is under the pointer. Pure.

/** Width and height, in whatever unit. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A place, in whatever unit. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle on the screen, in CSS pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** A picture as it was drawn last. */
export interface Drawn {
  /** Of the picture itself, in its own pixels. */
  readonly size: Size;
  /** Of the page that it shows, in CSS pixels, when it was taken. */
  readonly page: Size;
  /** Its number, if it has one. */
  readonly seq: number | undefined;
}

/** The largest rectangle of a picture's shape inside a place, in its middle. */
export function letterboxed(picture: Size, place: Box): Box {
  if (picture.width <= 0 || picture.height <= 0) return place;
  const scale = Math.min(place.width / picture.width, place.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return {
    left: place.left + (place.width - width) / 2,
    top: place.top + (place.height - height) / 2,
    width,
    height,
  };
}

/** Whether what is beside the picture counts as its edge, as it does while a button is held down. */
export type Beside = "nothing" | "edge";

/** The place of the shown page that is at a point of the screen, where the picture's place is known. */
export function spotAt(
  point: Point,
  place: Box,
  { size, page }: Pick<Drawn, "size" | "page">,
  beside: Beside = "nothing",
): Point | undefined {
  const box = letterboxed(size, place);
  if (box.width <= 0 || box.height <= 0) return undefined;
  const across = (point.x - box.left) / box.width;
  const down = (point.y - box.top) / box.height;
  const isInside = across >= 0 && across < 1 && down >= 0 && down < 1;
  if (!isInside && beside === "nothing") return undefined;
  return { x: within(across, page.width), y: within(down, page.height) };
}

/** A part of a length, never beyond its last pixel, and no finer than anybody points. */
function within(part: number, length: number): number {
  const exact = Math.min(Math.max(part * length, 0), Math.max(length - 1, 0));
  return Math.round(exact * 100) / 100;
}
