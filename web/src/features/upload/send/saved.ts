/**
 * Uploads that were begun in this browser, so that they can go on after a reload.
 *
 * **Invariant:** holds identifiers of images and their sizes, never a patient's name, birth date or ID.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Announced } from './uploadApi';

export interface SavedUpload {
  uploadId: string;
  /** User and tenant: nobody is offered another's upload. */
  owner: string;
  createdAt: number;
  dicomwebPath: string;
  instances: Announced[];
  /** The folder it came from, where the browser lets it be opened again. */
  directory: FileSystemDirectoryHandle | null;
}

interface Schema extends DBSchema {
  uploads: { key: string; value: SavedUpload; indexes: { owner: string } };
}

const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

function open(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>('telerad-uploads', 1, {
    upgrade(database) {
      database.createObjectStore('uploads', { keyPath: 'uploadId' }).createIndex('owner', 'owner');
    },
  });
}

/** Private windows may refuse storage; the upload itself does not depend on it. */
async function attempt<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>, otherwise: T): Promise<T> {
  try {
    const database = await open();
    try {
      return await work(database);
    } finally {
      database.close();
    }
  } catch {
    return otherwise;
  }
}

export async function saveUpload(upload: SavedUpload): Promise<void> {
  await attempt(async (database) => {
    await database.put('uploads', upload);
  }, undefined);
}

export async function forgetUpload(uploadId: string): Promise<void> {
  await attempt((database) => database.delete('uploads', uploadId), undefined);
}

/** Unfinished uploads of this person in this tenant, newest first; those a week old are dropped. */
export async function savedUploads(owner: string, now: number): Promise<SavedUpload[]> {
  return attempt(async (database) => {
    const all = await database.getAllFromIndex('uploads', 'owner', owner);
    const old = all.filter((upload) => now - upload.createdAt > KEPT_MS);
    await Promise.all(old.map((upload) => database.delete('uploads', upload.uploadId)));
    return all.filter((upload) => !old.includes(upload)).sort((a, b) => b.createdAt - a.createdAt);
  }, []);
}

/** What of an upload is in a newly chosen folder: the same instance has the same UID and the same size. */
export function matchSaved<T extends Announced>(saved: SavedUpload, found: readonly T[]): T[] {
  const wanted = new Map(saved.instances.map((each) => [each.sopInstanceUid, each.bytes]));
  return found.filter((each) => wanted.get(each.sopInstanceUid) === each.bytes);
}
