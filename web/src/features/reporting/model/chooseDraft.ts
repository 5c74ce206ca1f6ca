/**
 * Which text to go on with when a case is opened: this computer's or the program's.
 *
 * **Invariant:** no text is dropped here: whatever is not chosen is returned as `other`, to be offered.
 */
import type { Section } from './gaps';
import { sameTexts } from './template';

export interface ServerDraft {
  revision: number;
  templateId: string;
  sections: Section[];
  updatedAt: string;
}

/** Text that the program has not confirmed, as this computer keeps it. */
export interface LocalDraft {
  /** Revision the text was based on; 0 before the program had any. */
  baseRevision: number;
  templateId: string;
  sections: Section[];
  /** Milliseconds since the epoch, by this computer's clock. */
  changedAt: number;
}

export interface ChosenDraft {
  source: 'SERVER' | 'LOCAL';
  templateId: string;
  sections: Section[];
  /** Revision that the next save is based on. */
  baseRevision: number;
  /** The chosen text must still be saved. */
  unsaved: boolean;
  other: OtherVersion | undefined;
}

export interface OtherVersion {
  source: 'SERVER' | 'LOCAL';
  templateId: string;
  sections: Section[];
  at: number;
}

export function chooseDraft(server: ServerDraft | undefined, local: LocalDraft | undefined): ChosenDraft | undefined {
  if (local === undefined) return server && fromServer(server, undefined);
  if (server === undefined) return fromLocal(local, 0, undefined);
  if (local.templateId === server.templateId && sameTexts(local.sections, server.sections)) return fromServer(server, undefined);
  const otherServer: OtherVersion = { source: 'SERVER', ...pick(server), at: Date.parse(server.updatedAt) };
  // Nobody else has written since: what is here simply continues it.
  if (local.baseRevision === server.revision) return fromLocal(local, server.revision, server.revision === 0 ? undefined : otherServer);
  return local.changedAt >= Date.parse(server.updatedAt)
    ? fromLocal(local, server.revision, otherServer)
    : fromServer(server, { source: 'LOCAL', ...pick(local), at: local.changedAt });
}

function fromServer(server: ServerDraft, other: OtherVersion | undefined): ChosenDraft {
  return { source: 'SERVER', ...pick(server), baseRevision: server.revision, unsaved: false, other };
}

function fromLocal(local: LocalDraft, baseRevision: number, other: OtherVersion | undefined): ChosenDraft {
  return { source: 'LOCAL', ...pick(local), baseRevision, unsaved: true, other };
}

function pick({ templateId, sections }: { templateId: string; sections: Section[] }) {
  return { templateId, sections };
}
