/** Fetches a series' metadata and hands it to the drawing library in the form it can use. */
import { type Types as LoaderTypes, wadors } from '@cornerstonejs/dicom-image-loader';
import { authorisedBlob, authorisedJson } from '@/api/authorised';
import { calibrationOf } from '../model/calibration';
import { type DicomDataset, type DicomElement, TAG, numbers } from '../model/dicomJson';
import { type ImageStack, imageStack } from '../model/imageStack';

export function seriesUrl(tenant: string, studyInstanceUid: string, seriesInstanceUid: string): string {
  return `${window.location.origin}/dicomweb/${tenant}/studies/${studyInstanceUid}/series/${seriesInstanceUid}`;
}

/** The series as it stands now; asked again while a study is still arriving. Errors: `ApiError`. */
export async function fetchSeriesStack(url: string, seriesInstanceUid: string, signal?: AbortSignal): Promise<ImageStack> {
  const metadata = await authorisedJson<DicomDataset[]>(`${url}/metadata`, {
    headers: { Accept: 'application/dicom+json' },
    signal,
  });
  const stack = imageStack(seriesInstanceUid, metadata, url);
  const prepared = new Map<DicomDataset, DicomDataset>();
  for (const image of stack.images) {
    let dataset = prepared.get(image.dataset);
    if (dataset === undefined) {
      dataset = await prepareForLibrary(image.dataset, url);
      prepared.set(image.dataset, dataset);
    }
    wadors.metaDataManager.add(image.imageId, dataset as unknown as LoaderTypes.WADORSMetaData);
  }
  return stack;
}

/**
 * A copy in which the library finds what it looks for:
 * palettes as numbers instead of bytes, and the pixel pitch of detectors where it decides the picture's shape.
 * Measurements are made from the untouched data set.
 */
async function prepareForLibrary(dataset: DicomDataset, url: string): Promise<DicomDataset> {
  const copy: DicomDataset = { ...dataset };
  if (numbers(copy, TAG.pixelSpacing) === undefined) {
    const { rowSpacing, columnSpacing, source } = calibrationOf(dataset);
    if (source !== 'NONE') copy[TAG.pixelSpacing] = { vr: 'DS', Value: [rowSpacing, columnSpacing] };
  }
  const bits = numbers(copy, TAG.redPaletteDescriptor)?.[2];
  if (bits !== undefined) {
    for (const tag of [TAG.redPaletteData, TAG.greenPaletteData, TAG.bluePaletteData]) {
      copy[tag] = await paletteNumbers(copy[tag], bits, url);
    }
  }
  return copy;
}

async function paletteNumbers(element: DicomElement | undefined, bits: number, url: string): Promise<DicomElement | undefined> {
  if (element === undefined || element.Value !== undefined) return element;
  const bytes = await elementBytes(element, url);
  if (bytes === undefined) return element;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Entries of 8-bit palettes are packed two to a word or stand one in a word each; the length tells.
  const values =
    bits === 16
      ? Array.from({ length: bytes.byteLength >> 1 }, (_, index) => view.getUint16(index * 2, true))
      : Array.from(bytes);
  return { vr: 'US', Value: values };
}

async function elementBytes(element: DicomElement, url: string): Promise<Uint8Array | undefined> {
  if (element.InlineBinary !== undefined) return Uint8Array.from(atob(element.InlineBinary), (char) => char.charCodeAt(0));
  if (element.BulkDataURI === undefined) return undefined;
  const address = new URL(element.BulkDataURI, `${url}/`);
  // The token must not follow an address that leads elsewhere.
  if (address.origin !== window.location.origin) return undefined;
  return new Uint8Array(await (await authorisedBlob(address.href)).arrayBuffer());
}
