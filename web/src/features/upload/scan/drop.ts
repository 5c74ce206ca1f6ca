/** Turns what was dropped or chosen into a flat list of files, folders walked through. */
import type { DroppedFile } from './scanner';

export interface Drop {
  files: DroppedFile[];
  /** The one folder that was dropped, where the browser can open it again on a later visit. */
  directory: FileSystemDirectoryHandle | null;
}

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** Must be called within the drop event: the browser empties the items afterwards. */
export async function filesOfDrop(transfer: DataTransfer): Promise<Drop> {
  const items = Array.from(transfer.items).filter((item) => item.kind === 'file');
  const plain = Array.from(transfer.files, (file) => ({ name: file.name, file }));
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const handles = await Promise.all(items.map((item) => (item as HandleItem).getAsFileSystemHandle?.().catch(() => null) ?? null));
  const only = handles.length === 1 ? handles[0] : null;
  const directory = only !== null && only !== undefined && only.kind === 'directory' ? (only as FileSystemDirectoryHandle) : null;
  if (!entries.some((entry) => entry?.isDirectory)) return { files: plain, directory: null };
  const files: DroppedFile[] = [];
  for (const entry of entries) if (entry !== null) await walkEntry(entry, files);
  return { files, directory };
}

export function filesOfInput(list: FileList | null): DroppedFile[] {
  return Array.from(list ?? [], (file) => ({ name: file.webkitRelativePath || file.name, file }));
}

/** Every file below a folder opened earlier; asks for permission when the browser wants it. Empty when refused. */
export async function filesOfDirectory(directory: FileSystemDirectoryHandle): Promise<DroppedFile[]> {
  const asking = directory as FileSystemDirectoryHandle & {
    requestPermission?: (wanted: { mode: 'read' }) => Promise<PermissionState>;
  };
  if ((await asking.requestPermission?.({ mode: 'read' })) !== 'granted') return [];
  const files: DroppedFile[] = [];
  await walkHandle(directory, directory.name, files);
  return files;
}

async function walkHandle(directory: FileSystemDirectoryHandle, path: string, into: DroppedFile[]): Promise<void> {
  for await (const handle of directory.values()) {
    const name = `${path}/${handle.name}`;
    if (handle.kind === 'directory') await walkHandle(handle as FileSystemDirectoryHandle, name, into);
    else into.push({ name, file: await (handle as FileSystemFileHandle).getFile() });
  }
}

async function walkEntry(entry: FileSystemEntry, into: DroppedFile[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ name: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives at most a hundred at a time, and an empty list at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) await walkEntry(child, into);
  }
}
