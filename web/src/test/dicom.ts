/** Small, valid DICOM files (explicit little endian) made on the spot; no real person was ever scanned for them. */

export interface FileFacts {
  sop: string;
  study?: string;
  series?: string;
  patientId?: string;
  patientName?: string;
  modality?: string;
  characterSet?: string;
  transferSyntax?: string;
  sopClass?: string;
  /** Bytes of pixel data, and how many of them are really there. */
  pixels?: number;
  pixelsPresent?: number;
  preamble?: boolean;
}

const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

function element(group: number, number: number, vr: string, value: string | Uint8Array, declared?: number): Uint8Array {
  const raw = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  const padded = new Uint8Array(raw.length + (raw.length % 2));
  if (padded.length > raw.length) padded[raw.length] = vr === 'UI' ? 0 : 0x20;
  padded.set(raw);
  const head = new DataView(new ArrayBuffer(LONG.has(vr) ? 12 : 8));
  head.setUint16(0, group, true);
  head.setUint16(2, number, true);
  head.setUint8(4, vr.charCodeAt(0));
  head.setUint8(5, vr.charCodeAt(1));
  if (LONG.has(vr)) head.setUint32(8, declared ?? padded.length, true);
  else head.setUint16(6, declared ?? padded.length, true);
  return joined([new Uint8Array(head.buffer), padded]);
}

export function dicomFile(facts: FileFacts): Uint8Array<ArrayBuffer> {
  const sopClass = facts.sopClass ?? '1.2.840.10008.5.1.4.1.1.2';
  const meta = [
    element(0x0002, 0x0002, 'UI', sopClass),
    element(0x0002, 0x0003, 'UI', facts.sop),
    element(0x0002, 0x0010, 'UI', facts.transferSyntax ?? '1.2.840.10008.1.2.1'),
  ];
  const pixels = facts.pixels ?? 64;
  const data = [
    element(0x0008, 0x0005, 'CS', facts.characterSet ?? 'ISO_IR 192'),
    element(0x0008, 0x0016, 'UI', sopClass),
    element(0x0008, 0x0018, 'UI', facts.sop),
    element(0x0008, 0x0020, 'DA', '20260102'),
    element(0x0008, 0x0060, 'CS', facts.modality ?? 'CT'),
    element(0x0008, 0x103e, 'LO', 'Axial'),
    element(0x0010, 0x0010, 'PN', facts.patientName ?? 'Phantom^Petra'),
    element(0x0010, 0x0020, 'LO', facts.patientId ?? 'P1'),
    element(0x0020, 0x000d, 'UI', facts.study ?? '1.2.3'),
    element(0x0020, 0x000e, 'UI', facts.series ?? '1.2.3.1'),
    element(0x0020, 0x0011, 'IS', '1'),
    element(0x7fe0, 0x0010, 'OW', new Uint8Array(facts.pixelsPresent ?? pixels), pixels),
  ];
  const length = new DataView(new ArrayBuffer(4));
  length.setUint32(0, meta.reduce((sum, part) => sum + part.length, 0), true);
  const preamble = facts.preamble === false ? [] : [new Uint8Array(128), new TextEncoder().encode('DICM')];
  return joined([...preamble, element(0x0002, 0x0000, 'UL', new Uint8Array(length.buffer)), ...meta, ...data]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
