/**
 * Where a millimetre comes from, and how much it can be trusted.
 *
 * **Invariant:** no distance is ever given in mm unless the file says how large a
 * pixel is; and a projection radiograph's detector pitch is named as such, because
 * the patient's anatomy is magnified on the detector (PS3.3 §10.7.1.3).
 */
import { type DicomDataset, TAG, items, number, numbers, text } from './dicomJson';

export type CalibrationSource =
  | 'PIXEL_SPACING'
  | 'FIDUCIAL'
  | 'GEOMETRY'
  | 'DETECTOR'
  | 'DETECTOR_CORRECTED'
  | 'ULTRASOUND_REGION'
  | 'NONE';

export interface Calibration {
  source: CalibrationSource;
  /** Distance between the centres of adjacent rows, mm; 1 when uncalibrated. */
  rowSpacing: number;
  /** Distance between the centres of adjacent columns, mm; 1 when uncalibrated. */
  columnSpacing: number;
  unit: 'mm' | 'px';
}

const PROJECTION = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'RF', 'XA', 'RG']);

const UNCALIBRATED: Calibration = { source: 'NONE', rowSpacing: 1, columnSpacing: 1, unit: 'px' };

/** Calibration of one frame, without regard to ultrasound regions. */
export function calibrationOf(dataset: DicomDataset): Calibration {
  const spacing = pair(dataset, TAG.pixelSpacing);
  const detector = pair(dataset, TAG.imagerPixelSpacing);
  const modality = text(dataset, TAG.modality) ?? '';
  const projection = PROJECTION.has(modality) || detector !== undefined;

  if (spacing && projection) {
    const kind = text(dataset, TAG.pixelSpacingCalibrationType);
    if (kind === 'FIDUCIAL' || kind === 'GEOMETRY') return calibrated(kind, spacing);
    // PS3.3 §10.7.1.3: equal values mean that nobody corrected for magnification.
    if (!detector || samePair(spacing, detector)) return calibrated('DETECTOR', spacing);
    return calibrated('PIXEL_SPACING', spacing);
  }
  if (spacing) return calibrated('PIXEL_SPACING', spacing);
  if (detector) {
    const magnification = number(dataset, TAG.magnificationFactor);
    if (magnification && magnification > 1) {
      return calibrated('DETECTOR_CORRECTED', [detector[0] / magnification, detector[1] / magnification]);
    }
    return calibrated('DETECTOR', detector);
  }
  return UNCALIBRATED;
}

/** Unit code of Physical Units X/Y Direction (0018,6024) for centimetres. */
const CENTIMETRES = 3;

/**
 * Calibration that holds at all the given image points (column, row); without points, the best the image has.
 * In ultrasound only a region's own scale counts, and only inside that region (PS3.3 §C.8.5.5).
 */
export function calibrationAt(dataset: DicomDataset, points: ReadonlyArray<readonly [number, number]>): Calibration {
  const regions = items(dataset, TAG.ultrasoundRegions);
  if (regions.length === 0) return calibrationOf(dataset);
  for (const region of regions) {
    const [x0, y0, x1, y1] = ['00186018', '0018601A', '0018601C', '0018601E'].map((tag) => number(region, tag));
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) continue;
    const inside = points.every(([x, y]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
    if (!inside) continue;
    const deltaX = number(region, '0018602C');
    const deltaY = number(region, '0018602E');
    const inCentimetres = number(region, '00186024') === CENTIMETRES && number(region, '00186026') === CENTIMETRES;
    if (!inCentimetres || !deltaX || !deltaY) {
      // Asked about no place in particular: another region may have a scale.
      if (points.length === 0) continue;
      return UNCALIBRATED;
    }
    return {
      source: 'ULTRASOUND_REGION',
      columnSpacing: Math.abs(deltaX) * 10,
      rowSpacing: Math.abs(deltaY) * 10,
      unit: 'mm',
    };
  }
  return UNCALIBRATED;
}

function calibrated(source: CalibrationSource, [rowSpacing, columnSpacing]: readonly [number, number]): Calibration {
  return { source, rowSpacing, columnSpacing, unit: 'mm' };
}

function pair(dataset: DicomDataset, tag: string): [number, number] | undefined {
  const values = numbers(dataset, tag);
  const [row, column] = values ?? [];
  return row !== undefined && column !== undefined && row > 0 && column > 0 ? [row, column] : undefined;
}

function samePair(a: readonly [number, number], b: readonly [number, number]): boolean {
  return Math.abs(a[0] - b[0]) < 1e-6 && Math.abs(a[1] - b[1]) < 1e-6;
}
