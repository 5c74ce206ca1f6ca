/**
 * One series as the viewer scrolls it: every frame of every instance, in order.
 *
 * **Invariant:** a series or instance without a picture the viewer can show is named as such;
 * it never takes the place of a picture.
 */
import { type DicomDataset, TAG, number, text } from './dicomJson';

export interface StackImage {
  /** `wadors:` address of the frame: what the loader fetches and what the screen is compared with. */
  imageId: string;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  instanceNumber: number | undefined;
  /** 1-based, as DICOM counts frames. */
  frame: number;
  frameCount: number;
  /** The instance's metadata as received. */
  dataset: DicomDataset;
}

export type PlateKind =
  | 'EMPTY'
  | 'STRUCTURED_REPORT'
  | 'DOCUMENT'
  | 'WAVEFORM'
  | 'PRESENTATION_STATE'
  | 'KEY_OBJECTS'
  | 'RADIOTHERAPY'
  | 'VIDEO'
  | 'UNSUPPORTED_PIXELS'
  | 'OTHER';

export interface ImageStack {
  seriesInstanceUid: string;
  modality: string;
  description: string | undefined;
  seriesNumber: number | undefined;
  images: StackImage[];
  /** Why there is nothing to scroll; set only when `images` is empty. */
  plate: PlateKind | undefined;
  /** Instances of the series that have no picture of their own. */
  withoutPicture: number;
}

/** Turns a series' metadata into frames to scroll, ordered by instance number, then slice position. */
export function imageStack(seriesInstanceUid: string, metadata: readonly DicomDataset[], seriesUrl: string): ImageStack {
  const pictures = metadata.filter((dataset) => plateOf(dataset) === undefined);
  const first = pictures[0] ?? metadata[0];
  const images = pictures.toSorted(inReadingOrder).flatMap((dataset) => framesOf(dataset, seriesInstanceUid, seriesUrl));
  return {
    seriesInstanceUid,
    modality: (first && text(first, TAG.modality)) ?? 'OT',
    description: first && text(first, TAG.seriesDescription),
    seriesNumber: first && number(first, TAG.seriesNumber),
    images,
    plate: images.length > 0 ? undefined : ((metadata[0] && plateOf(metadata[0])) ?? 'EMPTY'),
    withoutPicture: metadata.length - pictures.length,
  };
}

/** Where an image stands in the stack; −1 when the stack no longer has it. */
export function indexOfImage(stack: ImageStack, imageId: string | undefined): number {
  return imageId === undefined ? -1 : stack.images.findIndex((image) => image.imageId === imageId);
}

export function indexOfFrame(stack: ImageStack, sopInstanceUid: string, frame: number): number {
  return stack.images.findIndex((image) => image.sopInstanceUid === sopInstanceUid && image.frame === frame);
}

const VIDEO = /^1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$/;

const PLATE_BY_SOP_CLASS: ReadonlyArray<[prefix: string, plate: PlateKind]> = [
  ['1.2.840.10008.5.1.4.1.1.88.59', 'KEY_OBJECTS'],
  ['1.2.840.10008.5.1.4.1.1.88', 'STRUCTURED_REPORT'],
  ['1.2.840.10008.5.1.4.1.1.104', 'DOCUMENT'],
  ['1.2.840.10008.5.1.4.1.1.9', 'WAVEFORM'],
  ['1.2.840.10008.5.1.4.1.1.11', 'PRESENTATION_STATE'],
  ['1.2.840.10008.5.1.4.1.1.481.3', 'RADIOTHERAPY'],
  ['1.2.840.10008.5.1.4.1.1.481.5', 'RADIOTHERAPY'],
  ['1.2.840.10008.5.1.4.1.1.481.8', 'RADIOTHERAPY'],
];

/** Why an instance cannot be shown as a picture; `undefined` when it can. */
export function plateOf(dataset: DicomDataset): PlateKind | undefined {
  const sopClass = text(dataset, TAG.sopClassUid) ?? '';
  const byClass = PLATE_BY_SOP_CLASS.find(([prefix]) => sopClass === prefix || sopClass.startsWith(`${prefix}.`));
  if (byClass) return byClass[1];
  if (VIDEO.test(text(dataset, TAG.availableTransferSyntaxUid) ?? '')) return 'VIDEO';
  const rows = number(dataset, TAG.rows);
  const columns = number(dataset, TAG.columns);
  if (!rows || !columns) return 'OTHER';
  const bits = number(dataset, TAG.bitsAllocated);
  // One-bit and wider than 16-bit pixels are not drawn dependably, so they are not drawn at all.
  if (bits !== 8 && bits !== 16) return 'UNSUPPORTED_PIXELS';
  return undefined;
}

function framesOf(dataset: DicomDataset, seriesInstanceUid: string, seriesUrl: string): StackImage[] {
  const sopInstanceUid = text(dataset, TAG.sopInstanceUid);
  if (!sopInstanceUid) return [];
  const frameCount = Math.max(1, Math.trunc(number(dataset, TAG.numberOfFrames) ?? 1));
  return Array.from({ length: frameCount }, (_, frameIndex) => ({
    imageId: `wadors:${seriesUrl}/instances/${sopInstanceUid}/frames/${frameIndex + 1}`,
    sopInstanceUid,
    seriesInstanceUid,
    instanceNumber: number(dataset, TAG.instanceNumber),
    frame: frameIndex + 1,
    frameCount,
    dataset,
  }));
}

function inReadingOrder(a: DicomDataset, b: DicomDataset): number {
  const byNumber = compare(number(a, TAG.instanceNumber), number(b, TAG.instanceNumber));
  if (byNumber !== 0) return byNumber;
  const byPosition = compare(number(a, TAG.sliceLocation), number(b, TAG.sliceLocation));
  if (byPosition !== 0) return byPosition;
  return (text(a, TAG.sopInstanceUid) ?? '').localeCompare(text(b, TAG.sopInstanceUid) ?? '', 'en', { numeric: true });
}

function compare(a: number | undefined, b: number | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a - b;
}
