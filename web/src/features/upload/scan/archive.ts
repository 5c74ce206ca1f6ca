/**
 * ZIP archives, read in the browser.
 *
 * **Invariant:** nothing an archive says about itself is believed: entries are counted while they are listed, and
 * inflation stops one byte past the declared size.
 * **Invariant:** names of entries are only ever shown, never used as paths.
 */
import { BlobReader, type FileEntry, ZipReader, configure } from '@zip.js/zip.js';
import type { Readable, SetAsideReason } from './header';

// Already in a worker; and the page's content security policy allows no worker from a blob.
configure({ useWebWorkers: false });

const MIB = 1024 * 1024;

/** A DVD of thin slices has some ten thousand files and 8 GB; beyond these it is not somebody's study. */
export const ARCHIVE_LIMITS = {
  entries: 50_000,
  entryBytes: 4096 * MIB,
  totalBytes: 32_768 * MIB,
  /** Images of air shrink a hundredfold, not more; small files may do anything. */
  ratio: 200,
  ratioFromBytes: 64 * MIB,
} as const;

export class ArchiveRefused extends Error {
  constructor(readonly reason: Extract<SetAsideReason, 'ZIP_LIMITS' | 'ZIP_ENCRYPTED' | 'ZIP_DAMAGED'>) {
    super(reason);
    this.name = 'ArchiveRefused';
  }
}

export interface EntrySizes {
  uncompressedSize: number;
  compressedSize: number;
}

/** Adds up entries as they are listed, and refuses the archive as soon as it goes beyond a limit. */
export class ArchiveBudget {
  private entries = 0;
  private inflated = 0;
  private packed = 0;

  /** Throws `ArchiveRefused`. */
  take({ uncompressedSize, compressedSize }: EntrySizes): void {
    this.entries += 1;
    this.inflated += uncompressedSize;
    this.packed += compressedSize;
    const { entries, entryBytes, totalBytes, ratio, ratioFromBytes } = ARCHIVE_LIMITS;
    const bomb = (inflated: number, packed: number) => inflated > ratioFromBytes && inflated > packed * ratio;
    if (
      this.entries > entries || uncompressedSize > entryBytes || this.inflated > totalBytes ||
      bomb(uncompressedSize, compressedSize) || bomb(this.inflated, this.packed)
    ) {
      throw new ArchiveRefused('ZIP_LIMITS');
    }
  }
}

/** One file of an archive. */
export class ArchiveEntry implements Readable {
  readonly size: number;
  readonly name: string;

  constructor(private readonly entry: FileEntry) {
    this.size = entry.uncompressedSize;
    this.name = entry.filename;
  }

  /** Inflates only as much as is asked for. */
  async head(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.size);
    const chunks = await this.inflate(wanted);
    return joined(chunks).subarray(0, wanted);
  }

  /** The whole file. Throws `ArchiveRefused` when it is not what the archive declared. */
  async blob(): Promise<Blob> {
    const chunks = await this.inflate(Number.POSITIVE_INFINITY);
    const blob = new Blob(chunks as Uint8Array<ArrayBuffer>[]);
    if (blob.size !== this.size) throw new ArchiveRefused('ZIP_DAMAGED');
    return blob;
  }

  private async inflate(enough: number): Promise<Uint8Array[]> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const stopped = new AbortController();
    const sink = new WritableStream<Uint8Array>({
      write: (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > this.size) throw new ArchiveRefused('ZIP_LIMITS');
        if (length >= enough) stopped.abort();
      },
    });
    try {
      await this.entry.getData(sink, { signal: stopped.signal, checkSignature: enough === Number.POSITIVE_INFINITY });
    } catch (cause) {
      if (length > this.size) throw new ArchiveRefused('ZIP_LIMITS');
      if (length < enough || enough === Number.POSITIVE_INFINITY) throw new ArchiveRefused('ZIP_DAMAGED');
      if (!stopped.signal.aborted) throw cause;
    }
    return chunks;
  }
}

/** Lists the files of an archive. Throws `ArchiveRefused`. */
export async function openArchive(file: Blob): Promise<ArchiveEntry[]> {
  const reader = new ZipReader(new BlobReader(file), { checkOverlappingEntry: true, filenameValidation: 'tolerant' });
  const budget = new ArchiveBudget();
  const entries: ArchiveEntry[] = [];
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      budget.take(entry);
      if (entry.directory) continue;
      if (entry.encrypted) throw new ArchiveRefused('ZIP_ENCRYPTED');
      entries.push(new ArchiveEntry(entry));
    }
  } catch (cause) {
    throw cause instanceof ArchiveRefused ? cause : new ArchiveRefused('ZIP_DAMAGED');
  }
  return entries;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
