/**
 * What a drawn mark measures, computed from image points and the file's own numbers.
 *
 * Points are image coordinates (column, row): (0, 0) is the centre of the upper left pixel.
 * **Invariant:** the drawing library's own figures are never shown; every number on screen comes from here.
 */
import { type Calibration, calibrationAt } from './calibration';
import type { DicomDataset } from './dicomJson';
import { pixelUnit } from './pixelUnit';

export type Point = readonly [column: number, row: number];
export type MeasurementKind = 'LENGTH' | 'ANGLE' | 'RECTANGLE' | 'ELLIPSE' | 'PROBE';

export interface Pixels {
  width: number;
  height: number;
  /** Modality values (after rescale), row by row; interleaved when `components` is 3. */
  values: ArrayLike<number>;
  components: number;
}

export interface RoiStatistics {
  mean: number;
  standardDeviation: number;
  min: number;
  max: number;
  count: number;
}

export type MeasurementResult =
  | { kind: 'LENGTH'; length: number; calibration: Calibration }
  | { kind: 'ANGLE'; degrees: number; calibration: Calibration }
  | { kind: 'RECTANGLE' | 'ELLIPSE'; area: number; statistics: RoiStatistics | undefined; unit: string | undefined; calibration: Calibration }
  | { kind: 'PROBE'; column: number; row: number; values: number[]; unit: string | undefined };

/** The pixel and the millimetre: the same points mean other lengths where pixels are not square. */
function distance(a: Point, b: Point, { columnSpacing, rowSpacing }: Calibration): number {
  return Math.hypot((b[0] - a[0]) * columnSpacing, (b[1] - a[1]) * rowSpacing);
}

export function angleDegrees(first: Point, vertex: Point, last: Point, { columnSpacing, rowSpacing }: Calibration): number {
  const [ax, ay] = [(first[0] - vertex[0]) * columnSpacing, (first[1] - vertex[1]) * rowSpacing];
  const [bx, by] = [(last[0] - vertex[0]) * columnSpacing, (last[1] - vertex[1]) * rowSpacing];
  return Math.abs((Math.atan2(ax * by - ay * bx, ax * bx + ay * by) * 180) / Math.PI);
}

/** Statistics of the pixels whose centres lie inside; the standard deviation is the population's. */
export function roiStatistics(pixels: Pixels, shape: 'RECTANGLE' | 'ELLIPSE', corners: readonly Point[]): RoiStatistics | undefined {
  if (pixels.components !== 1 || corners.length === 0) return undefined;
  const { left, right, top, bottom } = box(corners);
  const [centerX, centerY] = [(left + right) / 2, (top + bottom) / 2];
  const [radiusX, radiusY] = [(right - left) / 2, (bottom - top) / 2];
  let count = 0;
  let mean = 0;
  let squares = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = Math.max(0, Math.ceil(top)); row <= Math.min(pixels.height - 1, Math.floor(bottom)); row += 1) {
    for (let column = Math.max(0, Math.ceil(left)); column <= Math.min(pixels.width - 1, Math.floor(right)); column += 1) {
      if (shape === 'ELLIPSE' && ((column - centerX) / radiusX) ** 2 + ((row - centerY) / radiusY) ** 2 > 1) continue;
      const value = pixels.values[row * pixels.width + column];
      if (value === undefined) continue;
      // Welford's update: a large mean does not eat the variance.
      count += 1;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return count === 0 ? undefined : { mean, standardDeviation: Math.sqrt(squares / count), min, max, count };
}

export function measure(
  kind: MeasurementKind,
  points: readonly Point[],
  dataset: DicomDataset,
  pixels: Pixels | undefined,
): MeasurementResult | undefined {
  const calibration = calibrationAt(dataset, points);
  const [a, b, c] = points;
  switch (kind) {
    case 'LENGTH':
      return a && b && { kind, length: distance(a, b, calibration), calibration };
    case 'ANGLE':
      return a && b && c && { kind, degrees: angleDegrees(a, b, c, calibration), calibration };
    case 'RECTANGLE':
    case 'ELLIPSE': {
      if (points.length < 2) return undefined;
      const { left, right, top, bottom } = box(points);
      const rectangle = (right - left) * calibration.columnSpacing * (bottom - top) * calibration.rowSpacing;
      return {
        kind,
        area: kind === 'ELLIPSE' ? (rectangle * Math.PI) / 4 : rectangle,
        statistics: pixels && roiStatistics(pixels, kind, points),
        unit: pixelUnit(dataset),
        calibration,
      };
    }
    case 'PROBE': {
      if (!a || !pixels) return undefined;
      const [column, row] = [Math.round(a[0]), Math.round(a[1])];
      if (column < 0 || row < 0 || column >= pixels.width || row >= pixels.height) return undefined;
      const start = (row * pixels.width + column) * pixels.components;
      const values = Array.from({ length: pixels.components }, (_, component) => pixels.values[start + component] ?? Number.NaN);
      return { kind, column, row, values, unit: pixelUnit(dataset) };
    }
  }
}

function box(points: readonly Point[]) {
  const columns = points.map(([column]) => column);
  const rows = points.map(([, row]) => row);
  return { left: Math.min(...columns), right: Math.max(...columns), top: Math.min(...rows), bottom: Math.max(...rows) };
}
