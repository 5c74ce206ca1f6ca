/** The four corners of a viewport: who, what, where in the stack, and how it is displayed. */
import { calibrationAt } from './calibration';
import { TAG, frameDataset, number, numbers, personName, text } from './dicomJson';
import type { ImageStack, StackImage } from './imageStack';
import { type Translate, calibrationNote } from './measurementText';

export interface DisplayFigures {
  index: number;
  window: { center: number; width: number } | undefined;
  zoom: number;
  /** Transfer syntax the pixels came in; the stored one until the first frame has come. */
  transferSyntaxUid: string | undefined;
}

export interface Corners {
  topLeft: string[];
  topRight: string[];
  bottomLeft: string[];
  bottomRight: string[];
  /** Lossy compression is a warning of its own, with the ratio when the file tells it. */
  lossy: string | undefined;
}

export function overlayCorners(stack: ImageStack, image: StackImage, figures: DisplayFigures, t: Translate): Corners {
  const dataset = frameDataset(image.dataset, image.frame);
  const calibration = calibrationAt(dataset, []);
  const thickness = number(dataset, TAG.sliceThickness);
  const position = slicePosition(dataset);
  const window = figures.window;
  const sex = text(dataset, TAG.patientSex);
  const ratio = number(dataset, TAG.lossyImageCompressionRatio);
  return {
    topLeft: lines(
      personName(dataset, TAG.patientName),
      text(dataset, TAG.patientId),
      join(' ', sex, readableAge(text(dataset, TAG.patientAge)), readableDate(text(dataset, TAG.patientBirthDate), '*')),
    ),
    topRight: lines(
      readableDate(text(dataset, TAG.studyDate)),
      join(' ', stack.modality, text(dataset, TAG.bodyPart), text(dataset, TAG.imageLaterality) ?? text(dataset, TAG.laterality)),
      stack.description,
    ),
    bottomLeft: lines(
      join(
        '  ',
        stack.seriesNumber === undefined ? undefined : `${t('viewer.overlay.series')} ${stack.seriesNumber}`,
        `${t('viewer.overlay.image')} ${figures.index + 1}/${stack.images.length}`,
        image.frameCount > 1 ? `${t('viewer.overlay.frame')} ${image.frame}/${image.frameCount}` : undefined,
      ),
      join(
        '  ',
        position === undefined ? undefined : `${t('viewer.overlay.position')} ${position.toFixed(1)} mm`,
        thickness === undefined ? undefined : `${t('viewer.overlay.thickness')} ${round(thickness)} mm`,
      ),
      calibrationNote(calibration.source, t),
    ),
    bottomRight: lines(
      window && `W ${Math.round(window.width)}  L ${Math.round(window.center)}`,
      `${t('viewer.overlay.zoom')} ${Math.round(figures.zoom * 100)} %`,
      transferSyntaxName(figures.transferSyntaxUid ?? text(dataset, TAG.availableTransferSyntaxUid)),
    ),
    lossy:
      text(dataset, TAG.lossyImageCompression) === '01'
        ? `${t('viewer.overlay.lossy')}${ratio && ratio > 1 ? ` ${Math.round(ratio)}:1` : ''}`
        : undefined,
  };
}

/** Distance along the slice normal, mm: the position that steps evenly through the stack. */
export function slicePosition(dataset: StackImage['dataset']): number | undefined {
  const position = numbers(dataset, TAG.imagePosition);
  const cosines = numbers(dataset, TAG.imageOrientation);
  if (position?.length === 3 && cosines?.length === 6) {
    const [rx, ry, rz, cx, cy, cz] = cosines as [number, number, number, number, number, number];
    const [px, py, pz] = position as [number, number, number];
    return px * (ry * cz - rz * cy) + py * (rz * cx - rx * cz) + pz * (rx * cy - ry * cx);
  }
  return number(dataset, TAG.sliceLocation);
}

const TRANSFER_SYNTAX: Record<string, string> = {
  '1.2.840.10008.1.2': 'Implicit LE',
  '1.2.840.10008.1.2.1': 'Explicit LE',
  '1.2.840.10008.1.2.1.99': 'Deflated LE',
  '1.2.840.10008.1.2.2': 'Explicit BE',
  '1.2.840.10008.1.2.5': 'RLE',
  '1.2.840.10008.1.2.4.50': 'JPEG baseline',
  '1.2.840.10008.1.2.4.51': 'JPEG extended',
  '1.2.840.10008.1.2.4.57': 'JPEG lossless',
  '1.2.840.10008.1.2.4.70': 'JPEG lossless',
  '1.2.840.10008.1.2.4.80': 'JPEG-LS lossless',
  '1.2.840.10008.1.2.4.81': 'JPEG-LS near-lossless',
  '1.2.840.10008.1.2.4.90': 'JPEG 2000 lossless',
  '1.2.840.10008.1.2.4.91': 'JPEG 2000',
  '1.2.840.10008.1.2.4.110': 'JPEG XL lossless',
  '1.2.840.10008.1.2.4.112': 'JPEG XL',
  '1.2.840.10008.1.2.4.201': 'HTJ2K lossless',
  '1.2.840.10008.1.2.4.202': 'HTJ2K lossless',
  '1.2.840.10008.1.2.4.203': 'HTJ2K',
  '1.2.840.10008.1.2.8.1': 'Deflated frames',
};

export function transferSyntaxName(uid: string | undefined): string | undefined {
  return uid && (TRANSFER_SYNTAX[uid] ?? uid);
}

function readableDate(date: string | undefined, sign = ''): string | undefined {
  return date && /^\d{8}$/.test(date) ? `${sign}${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : undefined;
}

/** An age string (PS3.5 §6.2): `064Y` reads `64 Y`. */
function readableAge(age: string | undefined): string | undefined {
  const match = age?.match(/^(\d{3})([DWMY])$/);
  return match ? `${Number(match[1])} ${match[2]}` : undefined;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function join(separator: string, ...parts: Array<string | undefined>): string | undefined {
  const known = parts.filter((part): part is string => Boolean(part));
  return known.length > 0 ? known.join(separator) : undefined;
}

function lines(...parts: Array<string | undefined>): string[] {
  return parts.filter((part): part is string => Boolean(part));
}
