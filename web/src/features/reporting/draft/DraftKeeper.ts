/**
 * Keeps a report's text: at once on this computer, shortly after at the program.
 *
 * **Invariant:** text is written to this computer before any request, so that neither a crash nor a lost
 * claim nor a lost connection loses a word.
 * **Invariant:** one save runs at a time, each based on the revision the one before returned; what was typed
 * meanwhile goes with the next.
 */
import { ApiError } from '@/api/request';
import type { ChosenDraft, LocalDraft, ServerDraft } from '../model/chooseDraft';
import type { Section } from '../model/gaps';
import { keepable } from '../model/text';
import { sameTexts } from '../model/template';

export type SaveState =
  | { kind: 'NEW' }
  | { kind: 'SAVED'; at: number }
  | { kind: 'UNSAVED' }
  | { kind: 'SAVING' }
  | { kind: 'OFFLINE' }
  | { kind: 'CONFLICT'; server: ServerDraft }
  | { kind: 'CLAIM_LOST' }
  | { kind: 'REFUSED'; cause: unknown };

export interface DraftSurroundings {
  now(): number;
  /** Keeps the text on this computer. */
  keep(draft: LocalDraft): Promise<void>;
  forget(): Promise<void>;
  /** Saves at the program. Errors: `ApiError`. */
  save(input: { baseRevision: number; templateId: string; sections: Section[] }): Promise<{ revision: number; updatedAt: string }>;
  /** The draft the program has. Errors: `ApiError`. */
  read(): Promise<ServerDraft | undefined>;
  /** Schedules, and returns how to call it off. */
  later(run: () => void, ms: number): () => void;
}

export interface DraftSnapshot {
  templateId: string;
  sections: readonly Section[];
  save: SaveState;
  /** The browser refuses to keep text on this computer. */
  unkept: boolean;
}

const SETTLE_MS = 1200;
const FIRST_RETRY_MS = 3000;
const LONGEST_RETRY_MS = 30_000;

export class DraftKeeper {
  private snapshot: DraftSnapshot;
  private baseRevision: number;
  /** Counts changes, to know whether any came while a save was under way. */
  private change = 0;
  private saved = 0;
  private running: Promise<void> | undefined;
  private cancelTimer: (() => void) | undefined;
  private failures = 0;
  private closed = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly surroundings: DraftSurroundings,
    start: ChosenDraft,
    savedAt: number | undefined,
  ) {
    this.baseRevision = start.baseRevision;
    this.snapshot = {
      templateId: start.templateId,
      sections: start.sections,
      save: savedAt === undefined ? { kind: 'NEW' } : { kind: 'SAVED', at: savedAt },
      unkept: false,
    };
    if (start.unsaved) this.change = 1;
  }

  /** Begins saving what was left unsaved at an earlier visit. */
  start(): void {
    if (this.change > this.saved) this.schedule(0);
  }

  readonly getSnapshot = (): DraftSnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get revision(): number {
    return this.baseRevision;
  }

  get hasUnsaved(): boolean {
    return this.change > this.saved;
  }

  edit(key: string, text: string): void {
    this.replace(this.snapshot.templateId, this.snapshot.sections.map((section) => (section.key === key ? { ...section, text } : section)));
  }

  /** Another text as a whole: another template, or the other version. */
  replace(templateId: string, sections: readonly Section[]): void {
    if (this.closed) return;
    this.change += 1;
    sections = sections.map((section) => ({ ...section, text: keepable(section.text) }));
    const { kind } = this.snapshot.save;
    // Conflict and lost claim need the person; further typing is kept, but does not make them go away.
    const stays = kind === 'CONFLICT' || kind === 'CLAIM_LOST' || kind === 'OFFLINE' || kind === 'SAVING';
    this.update({ templateId, sections, ...(stays ? {} : { save: { kind: 'UNSAVED' } }) });
    this.keepLocally();
    if (kind !== 'CONFLICT' && kind !== 'CLAIM_LOST') this.schedule(SETTLE_MS);
  }

  /** Saves now; resolves when everything typed so far is at the program. Errors: whatever keeps it from being saved. */
  async flush(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    await this.running;
    if (this.change > this.saved) await this.saveNow();
    const { save } = this.snapshot;
    if (this.change > this.saved) throw save.kind === 'REFUSED' ? save.cause : new ApiError(codeOf(save), 'the draft is not saved');
  }

  /** After a conflict: this text goes on top of the program's. */
  overrule(server: ServerDraft): void {
    this.baseRevision = server.revision;
    this.change += 1;
    this.update({ save: { kind: 'UNSAVED' } });
    this.schedule(0);
  }

  /** After a conflict: the program's text takes this one's place. */
  yieldTo(server: ServerDraft): void {
    this.baseRevision = server.revision;
    this.saved = this.change;
    this.update({ templateId: server.templateId, sections: server.sections, save: { kind: 'SAVED', at: Date.parse(server.updatedAt) } });
    this.keepLocally();
  }

  /** The connection is back, or the claim was taken again. */
  retryNow(): void {
    this.failures = 0;
    if (this.snapshot.save.kind === 'CLAIM_LOST') this.update({ save: { kind: 'UNSAVED' } });
    if (this.change > this.saved) this.schedule(0);
  }

  /** The report is signed: nothing is left to keep. */
  async finish(): Promise<void> {
    this.close();
    await this.surroundings.forget();
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private schedule(ms: number): void {
    if (this.closed) return;
    this.cancelTimer?.();
    this.cancelTimer = this.surroundings.later(() => {
      this.cancelTimer = undefined;
      void this.saveNow();
    }, ms);
  }

  private saveNow(): Promise<void> {
    this.running ??= this.saveOnce().finally(() => {
      this.running = undefined;
      const { kind } = this.snapshot.save;
      if (this.change > this.saved && (kind === 'UNSAVED' || kind === 'SAVED' || kind === 'SAVING')) this.schedule(SETTLE_MS);
    });
    return this.running;
  }

  private async saveOnce(): Promise<void> {
    const { templateId, sections } = this.snapshot;
    const upTo = this.change;
    this.update({ save: { kind: 'SAVING' } });
    try {
      const answer = await this.surroundings.save({ baseRevision: this.baseRevision, templateId, sections: [...sections] });
      this.baseRevision = answer.revision;
      this.saved = upTo;
      this.failures = 0;
      const clean = this.change === upTo;
      this.update({ save: clean ? { kind: 'SAVED', at: Date.parse(answer.updatedAt) } : { kind: 'UNSAVED' } });
      this.keepLocally();
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'DRAFT_CONFLICT') await this.afterConflict(sections, upTo);
      else this.afterFailure(cause);
    }
  }

  private async afterConflict(sent: readonly Section[], upTo: number): Promise<void> {
    try {
      const server = await this.surroundings.read();
      if (server === undefined) {
        this.update({ save: { kind: 'CLAIM_LOST' } });
        return;
      }
      // The answer to an earlier save was lost on the way: what stands there is this very text.
      if (sameTexts(server.sections, sent)) {
        this.baseRevision = server.revision;
        this.saved = upTo;
        this.update({ save: { kind: 'SAVED', at: Date.parse(server.updatedAt) } });
        this.keepLocally();
        return;
      }
      this.update({ save: { kind: 'CONFLICT', server } });
    } catch (cause) {
      this.afterFailure(cause);
    }
  }

  private afterFailure(cause: unknown): void {
    const code = cause instanceof ApiError ? cause.code : undefined;
    switch (code) {
      case 'CLAIM_LOST':
      case 'CASE_STATE':
      case 'REPORT_SIGNED':
        this.update({ save: { kind: 'CLAIM_LOST' } });
        return;
      case 'OFFLINE':
      case 'SHUTTING_DOWN':
      case 'STORAGE_UNAVAILABLE':
      case 'RATE_LIMITED':
      case 'INTERNAL':
        this.failures += 1;
        this.update({ save: { kind: 'OFFLINE' } });
        this.schedule(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.failures - 1)));
        return;
      default:
        this.update({ save: { kind: 'REFUSED', cause } });
    }
  }

  /** Text stays on this computer exactly as long as the program does not have it. */
  private keepLocally(): void {
    const { templateId, sections } = this.snapshot;
    const kept = this.hasUnsaved
      ? this.surroundings.keep({ baseRevision: this.baseRevision, templateId, sections: [...sections], changedAt: this.surroundings.now() })
      : this.surroundings.forget();
    kept.then(
      () => this.snapshot.unkept && this.update({ unkept: false }),
      () => this.hasUnsaved && this.update({ unkept: true }),
    );
  }

  private update(change: Partial<DraftSnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    this.listeners.forEach((listener) => listener());
  }
}

function codeOf(save: SaveState): ApiError['code'] {
  if (save.kind === 'CONFLICT') return 'DRAFT_CONFLICT';
  return save.kind === 'CLAIM_LOST' ? 'CLAIM_LOST' : 'OFFLINE';
}
