// The large picture of a browser in the page: what it shows, and where a place of the shown page is on the screen.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { Colour } from "./producer";

/** The picture. */
export const pictureOf = (page: Page) => page.getByRole("main").locator("canvas[role=img]");

/** The colour at a part of the picture, from its left and from above. */
export const colourAt = (page: Page, across = 0.5, down = 0.5): Promise<readonly number[]> =>
  pictureOf(page).evaluate(
    (canvas, [x = 0, y = 0]) => {
      if (!(canvas instanceof HTMLCanvasElement)) return [];
      const at = [Math.floor(canvas.width * x), Math.floor(canvas.height * y)];
      const pixel = canvas.getContext("2d")?.getImageData(at[0] ?? 0, at[1] ?? 0, 1, 1).data;
      return [...(pixel ?? [])].slice(0, 3);
    },
    [across, down],
  );

/** Resolves when the picture has about this colour there; what is compressed is never exact. */
export async function shows(page: Page, colour: Colour, across = 0.5, down = 0.5): Promise<void> {
  const far = async () => {
    const found = await colourAt(page, across, down);
    if (found.length < 3) return 255;
    return Math.max(...colour.map((part, at) => Math.abs(part - (found[at] ?? 255))));
  };
  await expect.poll(far).toBeLessThan(16);
}

/** Where a place of the shown page is on the screen: the picture is in the middle of its canvas, with bars beside it. */
export async function screenPoint(
  page: Page,
  place: { readonly x: number; readonly y: number },
  shown: { readonly width: number; readonly height: number },
): Promise<{ x: number; y: number }> {
  const box = await pictureOf(page).boundingBox();
  if (box === null) throw new Error("there is no picture");
  const scale = Math.min(box.width / shown.width, box.height / shown.height);
  return {
    x: box.x + (box.width - shown.width * scale) / 2 + place.x * scale,
    y: box.y + (box.height - shown.height * scale) / 2 + place.y * scale,
  };
}

/** Takes control, and waits until it is there. */
export async function takeControl(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Take control" }).click();
  await page.getByRole("region", { name: "Control" }).getByText("You steer.").waitFor();
}
