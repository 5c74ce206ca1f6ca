/** The upload requests: manifest, batches (STOW-RS, PS3.18 §10.5), receipt. */
import { authorisedJson } from '@/api/authorised';
import { postWithProgress } from '@/api/postWithProgress';
import type { Priority, ProtocolFlag } from '@/gql/enums';

/** What an instance has to be known by to be announced and sent. */
export interface Announced {
  sopInstanceUid: string;
  seriesInstanceUid: string;
  studyInstanceUid: string;
  bytes: number;
  sha256?: string;
}

export interface NewUpload {
  facilityId: string;
  priority: Priority;
  protocolFlag: ProtocolFlag | null;
  indication: string;
  instances: readonly Announced[];
  /** Files this page did not send, which shall stand in the receipt. */
  refused: readonly { name: string; reason: string }[];
}

export interface CreatedUpload {
  upload_id: string;
  dicomweb_url: string;
  missing: string[];
  stored: number;
}

export type Outcome = 'MISSING' | 'STORED' | 'DUPLICATE' | 'REFUSED';

export interface ReceiptInstance {
  sop_instance_uid: string;
  study_instance_uid: string;
  outcome: Outcome;
  reason_code: string | null;
  reason: string | null;
}

export interface Receipt {
  upload_id: string;
  state: 'OPEN' | 'COMPLETE';
  facility_id: string;
  created_at: string;
  counts: { expected: number; stored: number; duplicate: number; refused: number; missing: number };
  instances: ReceiptInstance[];
  /** Files without a place among the instances: set aside by this page (no code, its own reason) or unreadable to the program. */
  refused_files: { name: string; reason_code?: string | null; reason: string }[];
}

export function createUpload(upload: NewUpload): Promise<CreatedUpload> {
  return authorisedJson('/uploads', {
    json: {
      facility_id: upload.facilityId,
      priority: upload.priority,
      ...(upload.protocolFlag === null ? {} : { protocol_flag: upload.protocolFlag }),
      ...(upload.indication.trim() === '' ? {} : { indication: upload.indication.trim() }),
      studies: manifestOf(upload.instances),
      refused: upload.refused,
    },
  });
}

export function readReceipt(uploadId: string): Promise<Receipt> {
  return authorisedJson(`/uploads/${encodeURIComponent(uploadId)}`);
}

export function finishUpload(uploadId: string): Promise<Receipt> {
  return authorisedJson(`/uploads/${encodeURIComponent(uploadId)}/finish`, { json: {} });
}

interface ManifestInstance {
  sop_instance_uid: string;
  bytes: number;
  sha256?: string;
}

interface ManifestStudy {
  study_instance_uid: string;
  series: { series_instance_uid: string; instances: ManifestInstance[] }[];
}

export function manifestOf(instances: readonly Announced[]): ManifestStudy[] {
  const studies = new Map<string, Map<string, ManifestInstance[]>>();
  for (const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, bytes, sha256 } of instances) {
    const series = studies.get(studyInstanceUid) ?? new Map<string, ManifestInstance[]>();
    studies.set(studyInstanceUid, series);
    const list = series.get(seriesInstanceUid) ?? [];
    series.set(seriesInstanceUid, list);
    list.push({ sop_instance_uid: sopInstanceUid, bytes, ...(sha256 === undefined ? {} : { sha256 }) });
  }
  return Array.from(studies, ([study_instance_uid, series]) => ({
    study_instance_uid,
    series: Array.from(series, ([series_instance_uid, list]) => ({ series_instance_uid, instances: list })),
  }));
}

/** What became of one instance of a batch. */
export type Verdict = { kind: 'stored' } | { kind: 'refused'; code: string } | { kind: 'again' };

export interface BatchTarget {
  uploadId: string;
  /** Path of the tenant's DICOMweb root. */
  dicomwebPath: string;
}

export interface OutgoingFile {
  sopInstanceUid: string;
  blob: Blob;
}

/** Sends files as one multipart request; nothing is copied, the browser reads the parts as it sends them. */
export async function sendBatch(
  target: BatchTarget,
  files: readonly OutgoingFile[],
  about: { signal: AbortSignal; onProgress(sent: number): void },
): Promise<Map<string, Verdict>> {
  const boundary = `telerad-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const parts: BlobPart[] = [];
  for (const { sopInstanceUid, blob } of files) {
    parts.push(`--${boundary}\r\nContent-Type: application/dicom\r\nContent-Location: ${sopInstanceUid}\r\n\r\n`, blob, '\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  const answer = await postWithProgress(`${target.dicomwebPath}/studies`, new Blob(parts), {
    headers: {
      'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      Accept: 'application/dicom+json',
      'Telerad-Upload': target.uploadId,
    },
    signal: about.signal,
    onProgress: about.onProgress,
    // 409: not one was stored. The body tells why, for each.
    answers: [409],
  });
  const verdicts = verdictsOf(answer.body);
  const [only] = files;
  // A file the program could not read may have no UID in its answer; sent alone, it is known all the same.
  const nameless = failuresOf(rootOf(answer.body))[0];
  if (files.length === 1 && only !== undefined && nameless !== undefined && !verdicts.has(only.sopInstanceUid)) {
    verdicts.set(only.sopInstanceUid, failureOf(nameless));
  }
  return verdicts;
}

type DicomJson = Record<string, { vr?: string; Value?: unknown[] } | undefined>;

const REFERENCED_SOP_SEQUENCE = '00081199';
const FAILED_SOP_SEQUENCE = '00081198';
/** What could not be read well enough to have UIDs of its own. */
const OTHER_FAILURES_SEQUENCE = '0008119A';
const REFERENCED_SOP_INSTANCE_UID = '00081155';
const FAILURE_REASON = '00081197';
const ERROR_COMMENT = '00000902';
const OUT_OF_RESOURCES = 0xa700;

/** Reads a STOW-RS answer (PS3.18 §10.5.3). Throws nothing: what it does not name is simply sent again. */
export function verdictsOf(body: unknown): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  const root = rootOf(body);
  for (const item of itemsOf(root, REFERENCED_SOP_SEQUENCE)) verdicts.set(textOf(item, REFERENCED_SOP_INSTANCE_UID), { kind: 'stored' });
  for (const item of failuresOf(root)) verdicts.set(textOf(item, REFERENCED_SOP_INSTANCE_UID), failureOf(item));
  verdicts.delete('');
  return verdicts;
}

function failuresOf(root: DicomJson | null): DicomJson[] {
  return [FAILED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE].flatMap((tag) => itemsOf(root, tag));
}

function failureOf(item: DicomJson): Verdict {
  if (item[FAILURE_REASON]?.Value?.[0] === OUT_OF_RESOURCES) return { kind: 'again' };
  const code = /^[A-Z_]+/.exec(textOf(item, ERROR_COMMENT))?.[0] ?? '';
  // Damaged on its way; the file itself is as it was announced.
  return code === 'DIFFERS_FROM_MANIFEST' ? { kind: 'again' } : { kind: 'refused', code };
}

function rootOf(body: unknown): DicomJson | null {
  return (Array.isArray(body) ? body[0] : body) as DicomJson | null;
}

function itemsOf(root: DicomJson | null, tag: string): DicomJson[] {
  return ((root?.[tag]?.Value ?? []) as DicomJson[]).filter((item) => item !== null && typeof item === 'object');
}

function textOf(item: DicomJson, tag: string): string {
  const value = item[tag]?.Value?.[0];
  return typeof value === 'string' ? value : '';
}
