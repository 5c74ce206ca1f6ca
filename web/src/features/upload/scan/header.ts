/**
 * Reads who and what an image is from the first kilobytes of its file (PS3.10 §7).
 *
 * **Invariant:** never reads pixels, never holds more than `STEPS`' last slice of a file.
 * **Invariant:** what is found here decides what is shown and announced; the program judges every byte again.
 */
import dicomParser, { type DataSet } from 'dicom-parser';
import { decodeText } from './charset';

export interface InstanceHeader {
  sopInstanceUid: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality: string;
  patientId: string;
  /** Issuer of Patient ID (0010,0021): the same ID from two issuers is two people. */
  issuer: string;
  /** As DICOM writes it (`Family^Given`), decoded. */
  patientName: string;
  birthDate: string;
  sex: string;
  studyDate: string;
  studyDescription: string;
  accessionNumber: string;
  seriesNumber: string;
  seriesDescription: string;
}

/** Why a file is not sent. The names stand in the upload's receipt. */
export type SetAsideReason =
  | 'NOT_DICOM'
  | 'INSTANCE_EMPTY'
  | 'INSTANCE_TRUNCATED'
  | 'INVALID_UID'
  | 'DICOMDIR'
  | 'REPEATED'
  | 'CONFLICTING'
  | 'UNREADABLE'
  | 'NESTED_ZIP'
  | 'ZIP_DAMAGED'
  | 'ZIP_ENCRYPTED'
  | 'ZIP_LIMITS';

/** Where bytes come from: a file, or an entry of an archive. */
export interface Readable {
  size: number;
  /** The first `length` bytes, or all when there are fewer. */
  head(length: number): Promise<Uint8Array>;
}

export type HeaderResult = { kind: 'instance'; header: InstanceHeader } | { kind: 'set-aside'; reason: SetAsideReason };

/** Most headers fit the first; long private sequences before the UIDs are rare, and never megabytes. */
const STEPS = [16_384, 262_144, 4_194_304];

const PIXEL_DATA = 'x7fe00010';
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';
const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

export async function readHeader(file: Readable): Promise<HeaderResult> {
  if (file.size === 0) return setAside('INSTANCE_EMPTY');
  for (const step of STEPS) {
    const bytes = await file.head(step);
    const whole = bytes.length >= file.size;
    const result = await judge(bytes, file.size, whole || step === STEPS.at(-1));
    if (result !== null) return result;
    if (whole) break;
  }
  return setAside('UNREADABLE');
}

/** `null` when more bytes may tell more. */
async function judge(bytes: Uint8Array, size: number, last: boolean): Promise<HeaderResult | null> {
  if (isZip(bytes)) return setAside('NESTED_ZIP');
  const parsed = await parse(bytes);
  if (parsed === null) return setAside('NOT_DICOM');
  const { dataSet, complete, shift, deflated } = parsed;
  if (text(dataSet, 'x00020002') === DICOMDIR_CLASS || text(dataSet, 'x00080016') === DICOMDIR_CLASS) return setAside('DICOMDIR');

  const uids = ['x00080018', 'x0020000d', 'x0020000e'].map((tag) => text(dataSet, tag));
  if (uids.includes('')) {
    if (!last && !complete) return null;
    return setAside(complete || bytes.length < size ? 'INVALID_UID' : 'INSTANCE_TRUNCATED');
  }
  if (!uids.every(isUid)) return setAside('INVALID_UID');
  const pixels = dataSet.elements[PIXEL_DATA];
  if (!deflated && pixels !== undefined && !pixels.hadUndefinedLength && pixels.dataOffset - shift + pixels.length > size) {
    return setAside('INSTANCE_TRUNCATED');
  }
  // A parser that stopped elsewhere may just not know a value representation (SV, UV, OV): the program shall judge.
  return { kind: 'instance', header: headerOf(dataSet) };
}

/** As much of a parsed data set as is looked at here. */
type Elements = Pick<DataSet, 'elements' | 'byteArray'>;

interface Parsed {
  dataSet: Elements;
  /** The parser came to the pixels or to the end of the bytes without running out inside an element. */
  complete: boolean;
  /** How many bytes were put before the file's own, to make up for a missing preamble. */
  shift: number;
  deflated: boolean;
}

/** `null`: this is not DICOM. Files without preamble or without file meta are legal to find (old media, dumps). */
async function parse(bytes: Uint8Array): Promise<Parsed | null> {
  if (hasPrefix(bytes)) {
    const inflated = await inflate(bytes);
    if (inflated !== null) return attempt(inflated, { TransferSyntaxUID: EXPLICIT_LITTLE }, 0, true);
    const parsed = attempt(bytes, {}, 0, false);
    return parsed.complete || hasUids(parsed.dataSet) ? parsed : (mislabelled(bytes) ?? parsed);
  }
  if (bytes.length < 16) return null;
  const group = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (group === 0x0002) {
    const shifted = new Uint8Array(bytes.length + 132);
    shifted.set([0x44, 0x49, 0x43, 0x4d], 128);
    shifted.set(bytes, 132);
    return attempt(shifted, {}, 132, false);
  }
  if (group !== 0x0008 && group !== 0x0800) return null;
  const explicit = /^[A-Z]{2}$/.test(String.fromCharCode(bytes[4] ?? 0, bytes[5] ?? 0));
  const little = explicit ? EXPLICIT_LITTLE : IMPLICIT_LITTLE;
  const parsed = attempt(bytes, { TransferSyntaxUID: group === 0x0008 ? little : EXPLICIT_BIG }, 0, false);
  // Any bytes can begin with 08 00; without a single UID of its own it is something else.
  return text(parsed.dataSet, 'x00080016') !== '' || text(parsed.dataSet, 'x00080018') !== '' ? parsed : null;
}

/** Some writers keep a compressed image's data set implicit, against PS3.5 §A.4, or name no transfer syntax at all. */
function mislabelled(bytes: Uint8Array): Parsed | null {
  const header = metaOf(bytes);
  if (header === null) return null;
  for (const TransferSyntaxUID of [IMPLICIT_LITTLE, EXPLICIT_LITTLE]) {
    const parsed = attempt(bytes.subarray(header.position), { TransferSyntaxUID }, -header.position, false);
    if (hasUids(parsed.dataSet)) return parsed;
  }
  return null;
}

function hasUids(dataSet: Elements): boolean {
  return text(dataSet, 'x00080018') !== '' && text(dataSet, 'x0020000d') !== '';
}

/** The file meta and where the data set begins; `null` when it cannot be read. */
function metaOf(bytes: Uint8Array): { elements: DataSet['elements']; position: number } | null {
  try {
    return dicomParser.readPart10Header(bytes) as unknown as { elements: DataSet['elements']; position: number };
  } catch {
    return null;
  }
}

function attempt(bytes: Uint8Array, options: { TransferSyntaxUID?: string }, shift: number, deflated: boolean): Parsed {
  try {
    return { dataSet: dicomParser.parseDicom(bytes, { ...options, untilTag: PIXEL_DATA }), complete: true, shift, deflated };
  } catch (cause) {
    const dataSet = (cause as { dataSet?: DataSet } | null)?.dataSet;
    if (dataSet !== undefined) return { dataSet, complete: false, shift, deflated };
    // The prefix is there, but not even the file meta can be read.
    return { dataSet: { elements: {}, byteArray: bytes }, complete: false, shift, deflated };
  }
}

/** The data set of a deflated file (PS3.5 §A.5) as far as these bytes carry it; `null` for every other file. */
async function inflate(bytes: Uint8Array): Promise<Uint8Array | null> {
  const header = metaOf(bytes);
  if (header === null) return null;
  const syntax = header.elements.x00020010;
  if (syntax === undefined || fixedText(bytes, syntax.dataOffset, syntax.length) !== DEFLATED) return null;
  const limit = STEPS.at(-1) ?? 0;
  const out: Uint8Array[] = [];
  let length = 0;
  try {
    const stream = new Blob([bytes.slice(header.position)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      out.push(chunk);
      length += chunk.length;
      if (length > limit) break;
    }
  } catch {
    // The slice ends in the middle of the stream: what came out until then is enough for a header.
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of out) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function headerOf(dataSet: Elements): InstanceHeader {
  const characterSets = text(dataSet, 'x00080005').split('\\').map((name) => name.trim());
  const decoded = (tag: string): string => {
    const element = dataSet.elements[tag];
    if (element === undefined) return '';
    return decodeText(dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length), characterSets);
  };
  return {
    sopInstanceUid: text(dataSet, 'x00080018'),
    studyInstanceUid: text(dataSet, 'x0020000d'),
    seriesInstanceUid: text(dataSet, 'x0020000e'),
    modality: text(dataSet, 'x00080060'),
    patientId: decoded('x00100020'),
    issuer: decoded('x00100021'),
    patientName: decoded('x00100010'),
    birthDate: text(dataSet, 'x00100030'),
    sex: text(dataSet, 'x00100040'),
    studyDate: text(dataSet, 'x00080020'),
    studyDescription: decoded('x00081030'),
    accessionNumber: decoded('x00080050'),
    seriesNumber: text(dataSet, 'x00200011'),
    seriesDescription: decoded('x0008103e'),
  };
}

function text(dataSet: Elements, tag: string): string {
  const element = dataSet.elements[tag];
  return element === undefined ? '' : fixedText(dataSet.byteArray as Uint8Array, element.dataOffset, element.length);
}

function fixedText(bytes: Uint8Array, offset: number, length: number): string {
  return new TextDecoder('windows-1252').decode(bytes.subarray(offset, offset + length)).replaceAll('\0', '').trim();
}

/** PS3.5 §9.1: digits and points, at most 64. Leading zeros are wrong but common; the program decides on those. */
export function isUid(value: string): boolean {
  return value.length <= 64 && /^\d+(\.\d+)*$/.test(value);
}

function hasPrefix(bytes: Uint8Array): boolean {
  return bytes.length > 132 && String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM';
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 0x03 || bytes[2] === 0x05) && (bytes[3] === 0x04 || bytes[3] === 0x06);
}

function setAside(reason: SetAsideReason): HeaderResult {
  return { kind: 'set-aside', reason };
}
