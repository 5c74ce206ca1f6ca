/** Measurements in words and figures, for the picture and for the list beside it. */
import type { TFunction } from 'i18next';
import type { CalibrationSource } from './calibration';
import type { MeasurementResult } from './measurement';

/** Looks up a message: the `t` of the translations. */
export type Translate = TFunction;

export function calibrationNote(source: CalibrationSource, t: Translate): string {
  return t(`viewer.calibration.${source}`);
}

/** One line per figure; distances keep one decimal, pixel values as many as they need. */
export function measurementLines(result: MeasurementResult | undefined, t: Translate): string[] {
  if (!result) return [];
  switch (result.kind) {
    case 'LENGTH':
      return [withNote(`${decimal(result.length, 1)} ${result.calibration.unit}`, result.calibration.source, t)];
    case 'ANGLE':
      return [`${decimal(result.degrees, 1)}°`];
    case 'PROBE':
      return [`${result.values.map((value) => decimal(value, 1, true)).join(' / ')}${suffix(result.unit)}`, `x ${result.column}  y ${result.row}`];
    case 'RECTANGLE':
    case 'ELLIPSE': {
      const area = withNote(`${decimal(result.area, 1)} ${result.calibration.unit}²`, result.calibration.source, t);
      const { statistics } = result;
      if (!statistics) return [area];
      const unit = suffix(result.unit);
      return [
        `${t('viewer.roi.mean')} ${decimal(statistics.mean, 1)}${unit}  ${t('viewer.roi.deviation')} ${decimal(statistics.standardDeviation, 1)}`,
        `${t('viewer.roi.min')} ${decimal(statistics.min, 1, true)}  ${t('viewer.roi.max')} ${decimal(statistics.max, 1, true)}`,
        area,
      ];
    }
  }
}

function withNote(figure: string, source: CalibrationSource, t: Translate): string {
  // A plain PixelSpacing needs no remark; everything else changes what the figure means.
  return source === 'PIXEL_SPACING' ? figure : `${figure} ${calibrationNote(source, t)}`;
}

function suffix(unit: string | undefined): string {
  return unit ? ` ${unit}` : '';
}

function decimal(value: number, digits: number, wholeAsIs = false): string {
  return wholeAsIs && Number.isInteger(value) ? String(value) : value.toFixed(digits);
}
