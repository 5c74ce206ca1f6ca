/**
 * Reads the DICOM JSON model (PS3.18 Annex F) that the metadata service answers with.
 *
 * **Invariant:** nothing here guesses: an absent, empty or malformed value is `undefined`.
 */

export interface DicomElement {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** One data set, keyed by the eight hexadecimal digits of the tag. */
export type DicomDataset = Record<string, DicomElement | undefined>;

export const TAG = {
  imageType: '00080008',
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  studyDate: '00080020',
  modality: '00080060',
  availableTransferSyntaxUid: '00083002',
  seriesDescription: '0008103E',
  patientName: '00100010',
  patientId: '00100020',
  patientBirthDate: '00100030',
  patientSex: '00100040',
  patientAge: '00101010',
  sliceThickness: '00180050',
  cineRate: '00180040',
  frameTime: '00181063',
  magnificationFactor: '00181114',
  imagerPixelSpacing: '00181164',
  ultrasoundRegions: '00186011',
  bodyPart: '00180015',
  seriesInstanceUid: '0020000E',
  seriesNumber: '00200011',
  instanceNumber: '00200013',
  patientOrientation: '00200020',
  imagePosition: '00200032',
  imageOrientation: '00200037',
  sliceLocation: '00201041',
  laterality: '00200060',
  imageLaterality: '00200062',
  samplesPerPixel: '00280002',
  photometricInterpretation: '00280004',
  numberOfFrames: '00280008',
  rows: '00280010',
  columns: '00280011',
  pixelSpacing: '00280030',
  bitsAllocated: '00280100',
  pixelSpacingCalibrationType: '00280A02',
  pixelSpacingCalibrationDescription: '00280A04',
  windowCenter: '00281050',
  windowWidth: '00281051',
  rescaleIntercept: '00281052',
  rescaleSlope: '00281053',
  rescaleType: '00281054',
  redPaletteDescriptor: '00281101',
  redPaletteData: '00281201',
  greenPaletteData: '00281202',
  bluePaletteData: '00281203',
  lossyImageCompression: '00282110',
  lossyImageCompressionRatio: '00282112',
  modalityLutSequence: '00283000',
  planeOrientationSequence: '00209116',
  planePositionSequence: '00209113',
  pixelMeasuresSequence: '00289110',
  sharedFunctionalGroups: '52009229',
  perFrameFunctionalGroups: '52009230',
  units: '00541001',
} as const;

export function text(dataset: DicomDataset, tag: string, index = 0): string | undefined {
  const value = dataset[tag]?.Value?.[index];
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'number') return String(value);
  return undefined;
}

export function numbers(dataset: DicomDataset, tag: string): number[] | undefined {
  const values = dataset[tag]?.Value;
  if (!Array.isArray(values) || values.length === 0) return undefined;
  const parsed = values.map((value) => (typeof value === 'number' ? value : Number.parseFloat(String(value))));
  return parsed.every(Number.isFinite) ? parsed : undefined;
}

export function number(dataset: DicomDataset, tag: string, index = 0): number | undefined {
  return numbers(dataset, tag)?.[index];
}

/** The items of a sequence; empty when the sequence is absent. */
export function items(dataset: DicomDataset, tag: string): DicomDataset[] {
  const values = dataset[tag]?.Value;
  return Array.isArray(values) ? (values.filter((item) => typeof item === 'object' && item !== null) as DicomDataset[]) : [];
}

/** A person's name as people write it: `FAMILY^GIVEN` becomes `FAMILY, GIVEN`. */
export function personName(dataset: DicomDataset, tag: string): string | undefined {
  const value = dataset[tag]?.Value?.[0];
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? displayName(value) : undefined;
  const groups = value as { Alphabetic?: string; Ideographic?: string; Phonetic?: string };
  const shown = [groups.Ideographic, groups.Alphabetic].filter((group): group is string => Boolean(group)).map(displayName);
  return shown.length > 0 ? shown.join(' · ') : undefined;
}

function displayName(group: string): string {
  const [family = '', given = '', middle = ''] = group.split('^').map((part) => part.trim());
  const rest = [given, middle].filter(Boolean).join(' ');
  return [family, rest].filter(Boolean).join(', ');
}

/**
 * The data set as one frame sees it: shared and per-frame functional groups
 * (PS3.3 §C.7.6.16) are lifted to the top level, where single-frame readers look.
 */
export function frameDataset(dataset: DicomDataset, frame: number): DicomDataset {
  const shared = items(dataset, TAG.sharedFunctionalGroups)[0];
  const perFrame = items(dataset, TAG.perFrameFunctionalGroups)[frame - 1];
  if (!shared && !perFrame) return dataset;
  const lifted: DicomDataset = { ...dataset };
  for (const group of [shared, perFrame]) {
    for (const element of Object.values(group ?? {})) {
      const item = element?.Value?.[0];
      if (typeof item === 'object' && item !== null) Object.assign(lifted, item);
    }
  }
  return lifted;
}
