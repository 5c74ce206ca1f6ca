/** From the drawing library's patient space to image coordinates (PS3.3 §C.7.6.2.1.1). */
import type { Point } from './measurement';

export interface ImagePlane {
  imagePositionPatient: ArrayLike<number>;
  rowCosines: ArrayLike<number>;
  columnCosines: ArrayLike<number>;
  rowPixelSpacing: number | null;
  columnPixelSpacing: number | null;
}

/**
 * Image coordinates (column, row) of a point in patient space; (0, 0) is the centre of the first pixel.
 * The spacing between columns counts along a row, which the library's own function mixes up for oblong pixels.
 */
export function worldToImage(plane: ImagePlane, world: ArrayLike<number>): Point {
  return [
    along(plane, world, plane.rowCosines) / (plane.columnPixelSpacing || 1),
    along(plane, world, plane.columnCosines) / (plane.rowPixelSpacing || 1),
  ];
}

function along({ imagePositionPatient: origin }: ImagePlane, world: ArrayLike<number>, cosines: ArrayLike<number>): number {
  let sum = 0;
  for (let axis = 0; axis < 3; axis += 1) sum += (at(world, axis) - at(origin, axis)) * at(cosines, axis);
  return sum;
}

function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
