/** Goes through dropped files and archives, and tells what each one is. Runs in a worker (`scan.worker.ts`). */
import { ArchiveEntry, ArchiveRefused, openArchive } from './archive';
import { Digester } from './digest';
import { type InstanceHeader, isZip, type Readable, readHeader, type SetAsideReason } from './header';

/** A file as it was dropped; `name` is its path inside the folder, for showing. */
export interface DroppedFile {
  name: string;
  file: File;
}

/** Where an instance's bytes are. An archive's entry is inflated again when it is sent. */
export type Content = { kind: 'file'; file: File } | { kind: 'entry'; archive: number; entry: number };

export interface FoundInstance extends InstanceHeader {
  bytes: number;
  /** In hexadecimal digits; absent where the browser cannot tell. */
  sha256?: string;
  name: string;
  content: Content;
}

export interface SetAsideFile {
  name: string;
  bytes: number;
  reason: SetAsideReason;
}

export interface ScanReport {
  found: FoundInstance[];
  setAside: SetAsideFile[];
  /** Files looked at so far, and known so far (an archive adds its own when it is opened). */
  scanned: number;
  total: number;
}

/** Headers read at the same time; more gains nothing on disks. */
const AT_ONCE = 8;
const REPORT_EVERY = 100;

export class Scanner {
  private readonly archives: ArchiveEntry[][] = [];
  private readonly digester = new Digester();

  /** Looks at every file, and reports as it goes. */
  async scan(files: readonly DroppedFile[], report: (news: ScanReport) => void): Promise<void> {
    let total = files.length;
    let scanned = 0;
    let found: FoundInstance[] = [];
    let setAside: SetAsideFile[] = [];
    const flush = () => {
      report({ found, setAside, scanned, total });
      found = [];
      setAside = [];
    };
    const look = async (name: string, readable: Readable, content: Content) => {
      const result = await this.describe(readable, content).catch(() => ({ kind: 'set-aside', reason: 'UNREADABLE' }) as const);
      const shown = shownName(name);
      if (result.kind === 'instance') {
        found.push({ ...result.header, bytes: readable.size, ...(result.sha256 === undefined ? {} : { sha256: result.sha256 }), name: shown, content });
      } else setAside.push({ name: shown, bytes: readable.size, reason: result.reason });
      scanned += 1;
      if (scanned % REPORT_EVERY === 0) flush();
    };

    await inParallel(files, AT_ONCE, async ({ name, file }) => {
      const entries = await this.entriesOf(file);
      if (entries === null) return look(name, readableFile(file), { kind: 'file', file });
      if (!Array.isArray(entries)) {
        setAside.push({ name: shownName(name), bytes: file.size, reason: entries });
        scanned += 1;
        return;
      }
      const archive = this.archives.push(entries) - 1;
      total += entries.length;
      scanned += 1;
      await inParallel(entries.keys(), 2, async (entry) => {
        const inside = entries[entry];
        if (inside !== undefined) await look(`${name}/${inside.name}`, inside, { kind: 'entry', archive, entry });
      });
    });
    flush();
  }

  /** An instance's whole bytes. Throws when the file has gone, changed, or is not what its archive declared. */
  async open(content: Content): Promise<Blob> {
    if (content.kind === 'file') return content.file;
    const entry = this.archives[content.archive]?.[content.entry];
    if (entry === undefined) throw new ArchiveRefused('ZIP_DAMAGED');
    return entry.blob();
  }

  /** What an image says about itself, and what its bytes hash to; or why it is none. */
  private async describe(readable: Readable, content: Content) {
    const result = await readHeader(readable);
    if (result.kind !== 'instance') return result;
    return { ...result, sha256: await this.digester.sha256(readable.size, () => this.open(content)) };
  }

  /** The files of an archive, why it was refused, or `null` when the file is no archive. */
  private async entriesOf(file: File): Promise<ArchiveEntry[] | SetAsideReason | null> {
    try {
      const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
      return isZip(start) ? await openArchive(file) : null;
    } catch (cause) {
      return cause instanceof ArchiveRefused ? cause.reason : 'UNREADABLE';
    }
  }
}

function readableFile(file: File): Readable {
  return { size: file.size, head: async (length) => new Uint8Array(await file.slice(0, length).arrayBuffer()) };
}

/** A name fit to show: no `..`, no control or direction-changing characters, no endless length. */
export function shownName(name: string): string {
  const parts = name
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const shown = parts.join('/');
  return shown.length > 180 ? `…${shown.slice(-179)}` : shown;
}

async function inParallel<T>(items: Iterable<T>, lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
