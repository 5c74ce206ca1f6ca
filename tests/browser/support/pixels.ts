/**
 * What is really to be seen in a viewport.
 *
 * Read from a picture of the screen, not from the canvas: a canvas may hold one thing while another covers it.
 */
import type { Locator } from '@playwright/test';

/** Grey values of the middle of a viewport, where no words stand, on a grid of `EDGE` × `EDGE`. */
export type Sight = readonly number[];

const EDGE = 64;
/** Share of the width and height around the centre that is looked at. */
const MIDDLE = 0.5;

export async function sightOf(viewport: Locator): Promise<Sight> {
  const png = (await viewport.screenshot({ animations: 'disabled' })).toString('base64');
  // The browser at hand decodes the picture; bytes are handed over because the page's policy allows no data: requests.
  return viewport.page().evaluate(async ({ png: base64, edge, middle }) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(edge, edge).getContext('2d');
    if (context === null) throw new Error('no canvas to look with');
    const [width, height] = [bitmap.width * middle, bitmap.height * middle];
    context.drawImage(bitmap, (bitmap.width - width) / 2, (bitmap.height - height) / 2, width, height, 0, 0, edge, edge);
    const { data } = context.getImageData(0, 0, edge, edge);
    return Array.from({ length: edge * edge }, (_, at) => Math.round(((data[at * 4] ?? 0) + (data[at * 4 + 1] ?? 0) + (data[at * 4 + 2] ?? 0)) / 3));
  }, { png, edge: EDGE, middle: MIDDLE });
}

/** How many different grey values there are: a blank viewport has one, a plate with words a few. */
export function greyLevels(sight: Sight): number {
  return new Set(sight).size;
}

/** Mean difference of two sights, in grey values from 0 to 255. */
export function difference(a: Sight, b: Sight): number {
  return a.reduce((sum, grey, at) => sum + Math.abs(grey - (b[at] ?? 0)), 0) / a.length;
}

/** Share of the bright places of `before` that are as bright in `after`: near 1 when the picture is still there. */
export function remaining(before: Sight, after: Sight): number {
  const bright = before.flatMap((grey, at) => (grey > 60 ? [at] : []));
  if (bright.length === 0) throw new Error('there was nothing to be seen before');
  const same = bright.filter((at) => Math.abs((before[at] ?? 0) - (after[at] ?? 0)) < 12);
  return same.length / bright.length;
}
