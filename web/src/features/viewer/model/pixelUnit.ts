/**
 * The unit a pixel value may be given.
 *
 * **Invariant:** `HU` is said only of a CT whose file carries the rescale that makes it so;
 * any other value is named by its own unit or left bare.
 */
import { type DicomDataset, TAG, items, number, text } from './dicomJson';

export function pixelUnit(dataset: DicomDataset): string | undefined {
  const modality = text(dataset, TAG.modality);
  const rescaleType = text(dataset, TAG.rescaleType);
  const slope = number(dataset, TAG.rescaleSlope);
  const intercept = number(dataset, TAG.rescaleIntercept);
  // A modality LUT maps to whatever its own type says; the viewer does not apply it to the numbers.
  if (items(dataset, TAG.modalityLutSequence).length > 0) return undefined;
  if (number(dataset, TAG.samplesPerPixel) === 3) return undefined;
  if (modality === 'CT') {
    if (slope === undefined || intercept === undefined) return undefined;
    if (rescaleType !== undefined && rescaleType !== 'HU') return rescaleType === 'US' ? undefined : rescaleType;
    // Localizers and derived pictures are not in Hounsfield units unless they say so (PS3.3 §C.8.2.1.1.2).
    const derived = [0, 1, 2, 3].map((index) => text(dataset, TAG.imageType, index));
    if (rescaleType === undefined && (derived[2] === 'LOCALIZER' || derived[0] === 'DERIVED')) return undefined;
    return 'HU';
  }
  if (modality === 'PT') {
    const units = text(dataset, TAG.units);
    return slope === undefined ? undefined : units === 'BQML' ? 'Bq/ml' : units;
  }
  if (rescaleType && rescaleType !== 'US' && rescaleType !== 'HU' && slope !== undefined) return rescaleType;
  return undefined;
}
