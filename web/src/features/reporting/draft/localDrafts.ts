/**
 * Report text kept on this computer until the program has confirmed it.
 *
 * **Invariant:** entries are found by case *and* user: nobody is offered another person's words.
 * **Invariant:** an entry lives only until the program has the same text, and never longer than `LONGEST_KEPT_MS`.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { LocalDraft } from '../model/chooseDraft';

const LONGEST_KEPT_MS = 30 * 24 * 3600 * 1000;

interface DraftSchema extends DBSchema {
  drafts: { key: string; value: LocalDraft };
  addenda: { key: string; value: { text: string; changedAt: number } };
}

let database: Promise<IDBPDatabase<DraftSchema>> | undefined;

function open(): Promise<IDBPDatabase<DraftSchema>> {
  database ??= openDB<DraftSchema>('telerad-drafts', 1, {
    upgrade(db) {
      db.createObjectStore('drafts');
      db.createObjectStore('addenda');
    },
    terminated() {
      database = undefined;
    },
  });
  database.catch(() => {
    database = undefined;
  });
  return database;
}

function keyOf(caseId: string, userId: string): string {
  return `${userId} ${caseId}`;
}

export async function readLocalDraft(caseId: string, userId: string): Promise<LocalDraft | undefined> {
  return (await open()).get('drafts', keyOf(caseId, userId));
}

export async function writeLocalDraft(caseId: string, userId: string, draft: LocalDraft): Promise<void> {
  await (await open()).put('drafts', draft, keyOf(caseId, userId));
}

export async function forgetLocalDraft(caseId: string, userId: string): Promise<void> {
  await (await open()).delete('drafts', keyOf(caseId, userId));
}

export async function readLocalAddendum(caseId: string, userId: string): Promise<string> {
  return (await (await open()).get('addenda', keyOf(caseId, userId)))?.text ?? '';
}

export async function writeLocalAddendum(caseId: string, userId: string, text: string, changedAt: number): Promise<void> {
  const db = await open();
  if (text === '') await db.delete('addenda', keyOf(caseId, userId));
  else await db.put('addenda', { text, changedAt }, keyOf(caseId, userId));
}

/** Drops what was left behind long ago. */
export async function sweepLocalDrafts(now: number): Promise<void> {
  const db = await open();
  for (const store of ['drafts', 'addenda'] as const) {
    const transaction = db.transaction(store, 'readwrite');
    for await (const cursor of transaction.store) {
      if (now - cursor.value.changedAt > LONGEST_KEPT_MS) await cursor.delete();
    }
    await transaction.done;
  }
}
