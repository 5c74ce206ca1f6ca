/**
 * Real DICOM files, as an imaging centre has them on a disc: folders, a ZIP, and among them what is no image.
 * They come from the package `pydicom`; none is kept in this repository.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

/** A sample as the tests know it; words and figures are those of its header. */
export const abdomen = { file: 'examples_overlay.dcm', patient: /Sssssss/, patientId: '021234567', spacingMm: 0.723_140_495_867_77 } as const;
export const ultrasound = { file: 'examples_ybr_color.dcm', patient: /PLA/, frames: 30 } as const;
export const head = { file: '693_J2KI.dcm', patient: /CQ500-CT-310/ } as const;
export const heart = { folder: 'dicomdirtests/98892001/CT5N', patient: /Doe/, instances: 5 } as const;

export interface Samples {
  /** A folder: two studies, a note that is no image, an image that was cut off in its header, one cut off in its pixels. */
  disc: string;
  /** One more study, compressed. */
  head: string;
  /** One more study of five images, packed. */
  zip: string;
  remove: () => void;
}

export async function samples(): Promise<Samples> {
  const folder = mkdtempSync(path.join(tmpdir(), 'telerad-samples-'));
  const disc = path.join(folder, 'disc');
  mkdirSync(disc);
  for (const { file } of [abdomen, ultrasound]) copyFileSync(sample(file), path.join(disc, file));
  writeFileSync(path.join(disc, 'note.txt'), 'Please read the liver first. Thank you!\n'.repeat(20));
  copyFileSync(sample('MR_truncated.dcm'), path.join(disc, 'cut-off.dcm'));
  // Cut in the middle of a compressed stream: only who reads all of it can tell.
  const compressed = readFileSync(sample('examples_jpeg2k.dcm'));
  writeFileSync(path.join(disc, 'half-copied.dcm'), compressed.subarray(0, compressed.length / 2));
  const zip = path.join(folder, 'heart.zip');
  writeFileSync(zip, await packed(['2062', '2392', '2693', '3023', '3353'].map((name) => `${heart.folder}/${name}`)));
  return { disc, head: sample(head.file), zip, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A file of the package by its name. */
export function sample(name: string): string {
  const folder = process.env.TELERAD_TEST_DICOM;
  if (folder === undefined) throw new Error('TELERAD_TEST_DICOM names no folder; run tests/browser/run.sh');
  return path.join(folder, name);
}

async function packed(names: readonly string[]): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter());
  for (const name of names) await zip.add(`EXPORT/${path.basename(name)}`, new Uint8ArrayReader(readFileSync(sample(name))));
  return zip.close();
}
