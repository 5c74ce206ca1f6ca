// @vitest-environment node
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import { dicomFile, joined } from '@/test/dicom';
import { ARCHIVE_LIMITS, ArchiveBudget, openArchive } from './archive';
import { isUid, readHeader } from './header';
import { type FoundInstance, Scanner, type SetAsideFile, shownName } from './scanner';

const readable = (bytes: Uint8Array) => ({ size: bytes.length, head: async (length: number) => bytes.subarray(0, length) });

async function scanned(files: File[]) {
  const found: FoundInstance[] = [];
  const setAside: SetAsideFile[] = [];
  const scanner = new Scanner();
  await scanner.scan(files.map((each) => ({ name: each.name, file: each })), (report) => {
    found.push(...report.found);
    setAside.push(...report.setAside);
  });
  return { found, setAside, scanner };
}

async function zip(entries: Record<string, Uint8Array>, options: { password?: string } = {}): Promise<File> {
  const writer = new ZipWriter(new BlobWriter(), { ...options, useWebWorkers: false });
  for (const [name, bytes] of Object.entries(entries)) await writer.add(name, new Uint8ArrayReader(bytes));
  return new File([await writer.close()], 'study.zip');
}

describe('what was found', () => {
  it('is known by what its bytes hash to, in a file and in an archive', async () => {
    const bytes = dicomFile({ sop: '1.2.3.1.1' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const plain = await scanned([new File([bytes as Uint8Array<ArrayBuffer>], 'one.dcm')]);
    expect(plain.found).toMatchObject([{ sha256 }]);
    const packed = await scanned([await zip({ 'one.dcm': bytes })]);
    expect(packed.found).toMatchObject([{ sha256 }]);
  });
});

describe('the header of an image', () => {
  it('tells who and what it is', async () => {
    const result = await readHeader(readable(dicomFile({ sop: '1.2.3.1.1', patientName: 'Müller^Jürgen' })));
    expect(result).toMatchObject({
      kind: 'instance',
      header: { sopInstanceUid: '1.2.3.1.1', studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.1', modality: 'CT', patientId: 'P1', patientName: 'Müller^Jürgen', studyDate: '20260102' },
    });
  });

  it('is read from a file without preamble too', async () => {
    const result = await readHeader(readable(dicomFile({ sop: '1.2.3.1.1', preamble: false })));
    expect(result).toMatchObject({ kind: 'instance', header: { sopInstanceUid: '1.2.3.1.1' } });
  });

  it('is read from a deflated file', async () => {
    const plain = dicomFile({ sop: '1.2.3.1.1', transferSyntax: '1.2.840.10008.1.2.1.99' });
    const dataSetAt = 132 + 12 + new DataView(plain.buffer).getUint32(140, true);
    const deflated = joined([plain.subarray(0, dataSetAt), new Uint8Array(deflateRawSync(plain.subarray(dataSetAt)))]);
    expect(await readHeader(readable(deflated))).toMatchObject({ kind: 'instance', header: { studyInstanceUid: '1.2.3' } });
  });

  it('is found behind hundreds of kilobytes of other elements', async () => {
    const plain = dicomFile({ sop: '1.2.3.1.1' });
    const at = 132 + 12 + new DataView(plain.buffer).getUint32(140, true);
    const bulk = new Uint8Array(300_012);
    // (0008,0001) UN, 300,000 bytes, before every UID.
    new DataView(bulk.buffer).setUint32(0, 0x0001_0008, true);
    bulk.set([0x55, 0x4e], 4);
    new DataView(bulk.buffer).setUint32(8, 300_000, true);
    const long = joined([plain.subarray(0, at), bulk, plain.subarray(at)]);
    expect(await readHeader(readable(long))).toMatchObject({ kind: 'instance' });
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'INSTANCE_EMPTY'],
    ['a text', new TextEncoder().encode('Please find the images attached.'), 'NOT_DICOM'],
    ['pixels cut off', dicomFile({ sop: '1.2.3.1.1', pixels: 2_000_000, pixelsPresent: 500 }), 'INSTANCE_TRUNCATED'],
    ['2 GB claimed, 1 kB sent', dicomFile({ sop: '1.2.3.1.1', pixels: 2_000_000_000, pixelsPresent: 1000 }), 'INSTANCE_TRUNCATED'],
    ['a header cut off', dicomFile({ sop: '1.2.3.1.1' }).slice(0, 250), 'INSTANCE_TRUNCATED'],
    ['a UID of 65 characters', dicomFile({ sop: `1.${'2'.repeat(63)}` }), 'INVALID_UID'],
    ['a UID with a path in it', dicomFile({ sop: '1.2.3', study: '../../etc' }), 'INVALID_UID'],
    ['a directory of a CD', dicomFile({ sop: '1.2.3.9', sopClass: '1.2.840.10008.1.3.10' }), 'DICOMDIR'],
  ])('refuses %s', async (_what, bytes, reason) => {
    expect(await readHeader(readable(bytes))).toEqual({ kind: 'set-aside', reason });
  });

  it('knows a UID from something like one', () => {
    expect(['1.2.3', '1'.repeat(64)].every(isUid)).toBe(true);
    expect(['', '1..2', '1.2.', '1.2a', ' 1.2', '1'.repeat(65)].some(isUid)).toBe(false);
  });
});

describe('an archive', () => {
  it('is looked into, and gives the bytes it was made of', async () => {
    const bytes = dicomFile({ sop: '1.2.3.1.1', pixels: 400_000 });
    const { found, setAside, scanner } = await scanned([await zip({ 'DICOM/IM1': bytes, 'README.TXT': new TextEncoder().encode('hello, reader') })]);
    expect(found.map((each) => [each.name, each.bytes])).toEqual([['study.zip/DICOM/IM1', bytes.length]]);
    expect(setAside.map((each) => each.reason)).toEqual(['NOT_DICOM']);
    const content = found[0]?.content;
    const blob = content === undefined ? new Blob() : await scanner.open(content);
    expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  });

  it('inside an archive is set aside, not opened', async () => {
    const inner = new Uint8Array(await (await zip({ a: dicomFile({ sop: '1.2.3' }) })).arrayBuffer());
    const { found, setAside } = await scanned([await zip({ 'inner.zip': inner })]);
    expect(found).toEqual([]);
    expect(setAside).toMatchObject([{ name: 'study.zip/inner.zip', reason: 'NESTED_ZIP' }]);
  });

  it('that is encrypted or cut off is refused whole, with the reason', async () => {
    const secret = await zip({ a: dicomFile({ sop: '1.2.3' }) }, { password: 'secret' });
    const good = await zip({ a: dicomFile({ sop: '1.2.3' }) });
    const cut = new File([good.slice(0, good.size - 40)], 'cut.zip');
    const { found, setAside } = await scanned([secret, cut]);
    expect(found).toEqual([]);
    expect(new Set(setAside.map((each) => each.reason))).toEqual(new Set(['ZIP_ENCRYPTED', 'ZIP_DAMAGED']));
  });

  it('that is a bomb is refused before it is inflated', async () => {
    const air = new Uint8Array(ARCHIVE_LIMITS.ratioFromBytes + 1024);
    await expect(openArchive(await zip({ air }))).rejects.toMatchObject({ reason: 'ZIP_LIMITS' });
  });

  it('that lies about a size is caught while it is inflated', async () => {
    const honest = await zip({ air: new Uint8Array(1_000_000) });
    const bytes = new Uint8Array(await honest.arrayBuffer());
    const view = new DataView(bytes.buffer);
    // Both the local header and the directory now declare 100 bytes.
    for (let at = 0; at + 4 < bytes.length; at += 1) {
      if (view.getUint32(at, true) === 1_000_000) view.setUint32(at, 100, true);
    }
    const [entry] = await openArchive(new File([bytes], 'liar.zip'));
    await expect(entry?.blob()).rejects.toMatchObject({ name: 'ArchiveRefused' });
  });

  it('may not have more entries, or promise more bytes, than the limits', () => {
    const many = new ArchiveBudget();
    for (let i = 0; i < ARCHIVE_LIMITS.entries; i += 1) many.take({ uncompressedSize: 1, compressedSize: 1 });
    expect(() => many.take({ uncompressedSize: 1, compressedSize: 1 })).toThrow('ZIP_LIMITS');
    const big = new ArchiveBudget();
    expect(() => {
      for (let i = 0; i < 10; i += 1) big.take({ uncompressedSize: ARCHIVE_LIMITS.entryBytes, compressedSize: ARCHIVE_LIMITS.entryBytes });
    }).toThrow('ZIP_LIMITS');
  });

  it('never gets to name a path', () => {
    expect(shownName('../../etc/passwd')).toBe('etc/passwd');
    expect(shownName('C:\\cd\\..\\IM\u202e1\u0000')).toBe('C:/cd/IM1');
    expect(shownName('x'.repeat(500))).toHaveLength(180);
  });
});

/** Good files only; a corpus may have none of these. */
const folder = `${process.env.TELERAD_TEST_CORPUS ?? ''}/real`;
describe.runIf(process.env.TELERAD_TEST_CORPUS !== undefined && existsSync(folder))('files of real devices', () => {
  it('are recognised, and set aside only where they carry no UIDs', async () => {
    const unread: string[] = [];
    let recognised = 0;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.dcm')) continue;
      const result = await readHeader(readable(new Uint8Array(readFileSync(`${folder}/${name}`))));
      if (result.kind === 'instance') recognised += 1;
      else if (result.reason !== 'INVALID_UID') unread.push(`${name} ${result.reason}`);
    }
    // Its private sequences (group 0007, nested in three ways) are more than dicom-parser reads.
    expect(unread).toEqual(['deid__ctbrain2.dcm INSTANCE_TRUNCATED']);
    expect(recognised).toBeGreaterThan(70);
  });
});
