import { ApiError } from '@/api/request';
import 'fake-indexeddb/auto';
import { DraftKeeper, type DraftSurroundings } from './draft/DraftKeeper';
import { forgetLocalDraft, readLocalDraft, sweepLocalDrafts, writeLocalDraft } from './draft/localDrafts';
import { chooseDraft, type ChosenDraft, type LocalDraft, type ServerDraft } from './model/chooseDraft';
import { gaps, placeholderFrom, placeholders, type Section } from './model/gaps';
import { keepable } from './model/text';
import { changedTemplate } from './model/template';
import { ClaimKeeper, type ClaimSurroundings } from './reading/ClaimKeeper';

function section(key: string, text: string, required = true): Section {
  return { key, title: key, text, required };
}

const T0 = Date.parse('2026-11-22T10:00:00Z');

function server(revision: number, text: string, at = T0): ServerDraft {
  return { revision, templateId: 't1', sections: [section('findings', text)], updatedAt: new Date(at).toISOString() };
}

function local(baseRevision: number, text: string, changedAt = T0): LocalDraft {
  return { baseRevision, templateId: 't1', sections: [section('findings', text)], changedAt };
}

describe('what a report may hold', () => {
  it('leaves out what hides or reorders a text, and nothing else', () => {
    expect(keepable('12\u202e34\u2069 a\u0000b\ufeff\u{e0041}')).toBe('1234 ab');
    expect(keepable('a\r\nb\rc\u2028d\te')).toBe('a\nb\nc\nd\te');
    for (const fit of ['\u200fلا يوجد نزف\u200e', 'می\u200cشود', '山田 太郎', 'Größe ≥ 3 µm – [sic]', 'क्\u200dष', '🩻']) {
      expect(keepable(fit)).toBe(fit);
    }
  });
});

describe('gaps in a report', () => {
  it('tells brackets to fill in from references to images', () => {
    expect(placeholders('Size [__] mm, see [3] and [12/4], [ ]').map(({ text }) => text)).toEqual(['[__]', '[ ]']);
    expect(placeholders('[a [[Impression]]').map(({ text }) => text)).toEqual(['[[Impression]]']);
    expect(placeholders('[[left / right]] knee [[a]]').map(({ text }) => text)).toEqual(['[[left / right]]', '[[a]]']);
    for (const prose of ['[sic]', '[1.2 cm]', '[…]', '[3]', '[open\nline]', '[[open\nline]]', '[[open']) expect(placeholders(prose)).toEqual([]);
  });

  it('lists every placeholder and every required section that is empty', () => {
    expect(gaps([section('technique', '', false), section('findings', ' \n'), section('impression', 'a [[b]] c [[d]]')])).toEqual([
      { key: 'findings', title: 'findings', kind: 'MISSING' },
      { key: 'impression', title: 'impression', kind: 'PLACEHOLDER', placeholder: '[[b]]' },
      { key: 'impression', title: 'impression', kind: 'PLACEHOLDER', placeholder: '[[d]]' },
    ]);
    expect(gaps([section('impression', 'No acute finding, see image [3].')])).toEqual([]);
  });

  it('goes from placeholder to placeholder, and out of the text after the last', () => {
    const text = 'a [_] c [_]';
    expect(placeholderFrom(text, 0, 1)).toMatchObject({ start: 2, end: 5 });
    expect(placeholderFrom(text, 5, 1)).toMatchObject({ start: 8 });
    expect(placeholderFrom(text, 11, 1)).toBeUndefined();
    expect(placeholderFrom(text, 8, -1)).toMatchObject({ start: 2 });
    expect(placeholderFrom(text, 2, -1)).toBeUndefined();
  });
});

describe('changing the template', () => {
  const old = { id: 't1', name: 'old', sections: [section('findings', 'Normal.'), section('technique', 'CT'), section('score', '')] };
  const next = { id: 't2', name: 'next', sections: [section('findings', 'Unremarkable.'), section('technique', 'MR')] };

  it('keeps what was written, also where the new template has no place for it, and drops what was not', () => {
    const written = [section('findings', 'A fracture.'), section('technique', 'CT'), section('score', '4')];
    expect(changedTemplate(written, old, next)).toEqual([section('findings', 'A fracture.'), section('technique', 'MR'), section('score', '4', false)]);
  });

  it('takes all text for written when the template before is not known', () => {
    expect(changedTemplate([section('findings', 'Normal.')], undefined, next)[0]?.text).toBe('Normal.');
  });
});

describe('choosing between this computer’s text and the program’s', () => {
  it('takes the program’s where this computer has nothing unsaved', () => {
    expect(chooseDraft(server(3, 'theirs'), undefined)).toMatchObject({ source: 'SERVER', baseRevision: 3, unsaved: false, other: undefined });
    expect(chooseDraft(server(3, 'same'), local(2, 'same'))).toMatchObject({ source: 'SERVER', unsaved: false, other: undefined });
    expect(chooseDraft(undefined, undefined)).toBeUndefined();
  });

  it('goes on with unsaved text when nobody has saved since, and offers the saved one', () => {
    const chosen = chooseDraft(server(3, 'saved'), local(3, 'saved and more', T0 - 1000));
    expect(chosen).toMatchObject({ source: 'LOCAL', baseRevision: 3, unsaved: true, other: { source: 'SERVER', sections: [{ text: 'saved' }] } });
    expect(chooseDraft(undefined, local(0, 'typed before the first save'))).toMatchObject({ source: 'LOCAL', baseRevision: 0, unsaved: true });
  });

  it('does not offer an untouched template as another version', () => {
    expect(chooseDraft(server(0, '[Impression]'), local(0, 'typed'))).toMatchObject({ source: 'LOCAL', other: undefined });
  });

  it('takes the newer of two texts that went apart, offers the older, and saves on top of the newest revision', () => {
    expect(chooseDraft(server(5, 'theirs', T0), local(3, 'mine', T0 + 1))).toMatchObject({
      source: 'LOCAL', baseRevision: 5, unsaved: true, other: { source: 'SERVER', sections: [{ text: 'theirs' }], at: T0 },
    });
    expect(chooseDraft(server(5, 'theirs', T0 + 1), local(3, 'mine', T0))).toMatchObject({
      source: 'SERVER', baseRevision: 5, unsaved: false, other: { source: 'LOCAL', sections: [{ text: 'mine' }], at: T0 },
    });
  });
});

/** Time that passes when the test says so, a program that answers as the test says, and what was kept. */
class Bench implements DraftSurroundings {
  kept: LocalDraft[] = [];
  forgotten = 0;
  saves: Array<{ baseRevision: number; text: string }> = [];
  answers: Array<(() => Promise<{ revision: number; updatedAt: string }>) | ApiError> = [];
  serverDraft: ServerDraft | undefined;
  keepFails = false;
  private timers: Array<{ run: () => void; ms: number }> = [];

  now = () => T0;
  keep = async (draft: LocalDraft) => {
    if (this.keepFails) throw new Error('no room');
    this.kept.push(draft);
  };
  forget = async () => {
    this.forgotten += 1;
  };
  read = async () => this.serverDraft;
  save = async ({ baseRevision, sections }: { baseRevision: number; sections: Section[] }) => {
    this.saves.push({ baseRevision, text: sections[0]?.text ?? '' });
    const answer = this.answers.shift();
    if (answer instanceof ApiError) throw answer;
    return answer ? answer() : { revision: baseRevision + 1, updatedAt: new Date(T0).toISOString() };
  };
  later = (run: () => void, ms: number) => {
    const timer = { run, ms };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };

  get waits(): number[] {
    return this.timers.map(({ ms }) => ms);
  }

  async pass(): Promise<void> {
    const due = this.timers;
    this.timers = [];
    for (const { run } of due) run();
    await settled();
  }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const FRESH: ChosenDraft = { source: 'SERVER', templateId: 't1', sections: [section('findings', '')], baseRevision: 0, unsaved: false, other: undefined };

describe('autosave', () => {
  it('keeps every change on this computer at once and saves once when typing pauses', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    keeper.edit('findings', 'a');
    keeper.edit('findings', 'ab');
    expect(bench.kept.map((draft) => draft.sections[0]?.text)).toEqual(['a', 'ab']);
    expect(bench.saves).toEqual([]);
    await bench.pass();
    expect(bench.saves).toEqual([{ baseRevision: 0, text: 'ab' }]);
    expect(keeper.getSnapshot().save).toEqual({ kind: 'SAVED', at: T0 });
    expect(bench.forgotten).toBe(1);
  });

  it('saves what was typed during a save with the next, on the revision the first returned', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    const slow = deferred<{ revision: number; updatedAt: string }>();
    bench.answers.push(() => slow.promise);
    keeper.edit('findings', 'first');
    await bench.pass();
    keeper.edit('findings', 'first and second');
    slow.resolve({ revision: 1, updatedAt: new Date(T0).toISOString() });
    await settled();
    expect(keeper.getSnapshot().save.kind).toBe('UNSAVED');
    expect(bench.kept.at(-1)).toMatchObject({ baseRevision: 1, sections: [{ text: 'first and second' }] });
    expect(bench.forgotten).toBe(0);
    await bench.pass();
    expect(bench.saves).toEqual([{ baseRevision: 0, text: 'first' }, { baseRevision: 1, text: 'first and second' }]);
    expect(keeper.hasUnsaved).toBe(false);
  });

  it('waits longer after each failure while the program is out of reach, and saves when it is back', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    const offline = new ApiError('OFFLINE', 'out of reach');
    bench.answers.push(offline, offline);
    keeper.edit('findings', 'text');
    await bench.pass();
    expect(keeper.getSnapshot().save.kind).toBe('OFFLINE');
    expect(bench.waits).toEqual([3000]);
    await bench.pass();
    expect(bench.waits).toEqual([6000]);
    keeper.retryNow();
    await bench.pass();
    expect(keeper.getSnapshot().save.kind).toBe('SAVED');
    expect(bench.saves.at(-1)).toEqual({ baseRevision: 0, text: 'text' });
  });

  it('stops at a conflict, keeps typing, and saves again only as the reader decides', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    bench.answers.push(new ApiError('DRAFT_CONFLICT', 'changed elsewhere'));
    bench.serverDraft = server(4, 'theirs');
    keeper.edit('findings', 'mine');
    await bench.pass();
    expect(keeper.getSnapshot().save).toEqual({ kind: 'CONFLICT', server: bench.serverDraft });
    keeper.edit('findings', 'mine, longer');
    await bench.pass();
    expect(bench.saves).toHaveLength(1);
    expect(bench.kept.at(-1)?.sections[0]?.text).toBe('mine, longer');
    keeper.overrule(bench.serverDraft);
    await bench.pass();
    expect(bench.saves.at(-1)).toEqual({ baseRevision: 4, text: 'mine, longer' });
  });

  it('takes the other text when the reader yields, without saving it anew', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    keeper.edit('findings', 'mine');
    keeper.yieldTo(server(4, 'theirs'));
    expect(keeper.getSnapshot().sections[0]?.text).toBe('theirs');
    expect(keeper.hasUnsaved).toBe(false);
    expect(bench.forgotten).toBe(1);
  });

  it('takes a conflict with its own text for what it is: a save whose answer was lost', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    bench.answers.push(new ApiError('DRAFT_CONFLICT', 'changed elsewhere'));
    bench.serverDraft = server(1, 'mine');
    keeper.edit('findings', 'mine');
    await bench.pass();
    expect(keeper.getSnapshot().save.kind).toBe('SAVED');
    expect(keeper.revision).toBe(1);
  });

  it('keeps the text when the claim is lost, and saves it when the case is claimed again', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    bench.answers.push(new ApiError('CLAIM_LOST', 'lapsed'));
    keeper.edit('findings', 'text');
    await bench.pass();
    expect(keeper.getSnapshot()).toMatchObject({ save: { kind: 'CLAIM_LOST' }, sections: [{ text: 'text' }] });
    expect(bench.kept.at(-1)?.sections[0]?.text).toBe('text');
    expect(bench.forgotten).toBe(0);
    expect(bench.waits).toEqual([]);
    keeper.retryNow();
    await bench.pass();
    expect(bench.saves.at(-1)).toEqual({ baseRevision: 0, text: 'text' });
  });

  it('refuses to sign over text that is not saved', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    bench.answers.push(new ApiError('OFFLINE', 'out of reach'));
    keeper.edit('findings', 'text');
    await expect(keeper.flush()).rejects.toMatchObject({ code: 'OFFLINE' });
    await keeper.flush();
    expect(keeper.revision).toBe(1);
  });

  it('says when the browser keeps nothing', async () => {
    const bench = new Bench();
    bench.keepFails = true;
    const keeper = new DraftKeeper(bench, FRESH, undefined);
    keeper.edit('findings', 'text');
    await settled();
    expect(keeper.getSnapshot().unkept).toBe(true);
  });

  it('saves at once what an earlier visit left unsaved, and forgets all when signed', async () => {
    const bench = new Bench();
    const keeper = new DraftKeeper(bench, { ...FRESH, unsaved: true, sections: [section('findings', 'left over')] }, undefined);
    keeper.start();
    await bench.pass();
    expect(bench.saves).toEqual([{ baseRevision: 0, text: 'left over' }]);
    await keeper.finish();
    keeper.edit('findings', 'too late');
    await bench.pass();
    expect(bench.forgotten).toBe(2);
    expect(bench.kept).toEqual([]);
    expect(bench.saves).toHaveLength(1);
  });
});

describe('drafts on this computer', () => {
  it('are found by case and person, and swept when they are old', async () => {
    await writeLocalDraft('case_1', 'user_1', local(2, 'mine', T0));
    expect(await readLocalDraft('case_1', 'user_1')).toMatchObject({ baseRevision: 2 });
    expect(await readLocalDraft('case_1', 'user_2')).toBeUndefined();
    await sweepLocalDrafts(T0 + 29 * 24 * 3600 * 1000);
    expect(await readLocalDraft('case_1', 'user_1')).toBeDefined();
    await sweepLocalDrafts(T0 + 31 * 24 * 3600 * 1000);
    expect(await readLocalDraft('case_1', 'user_1')).toBeUndefined();
    await writeLocalDraft('case_1', 'user_1', local(2, 'mine', T0));
    await forgetLocalDraft('case_1', 'user_1');
    expect(await readLocalDraft('case_1', 'user_1')).toBeUndefined();
  });
});

/** A claim whose timers run when the test says so. */
function claimBench(over: Partial<ClaimSurroundings> = {}) {
  const timers: Array<{ run: () => void; ms: number }> = [];
  const released: string[] = [];
  const held = { claimToken: 'claim_1', leaseExpiresAt: '2026-11-22T10:15:00Z', renewEverySeconds: 60 };
  const keeper = new ClaimKeeper({
    claim: async () => held,
    renew: async () => held,
    release: async (token) => {
      released.push(token);
    },
    holderOf: () => undefined,
    later: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
    ...over,
  });
  const pass = async () => {
    timers.splice(0).forEach(({ run }) => run());
    await settled();
  };
  return { keeper, timers, released, pass };
}

describe('the claim on a case', () => {
  it('is renewed as often as the program asks, and given back when the reader leaves', async () => {
    let renewals = 0;
    const { keeper, timers, released, pass } = claimBench({
      renew: async () => {
        renewals += 1;
        return { claimToken: 'claim_1', leaseExpiresAt: '2026-11-22T10:30:00Z', renewEverySeconds: 30 };
      },
    });
    await keeper.claim();
    expect(timers.map(({ ms }) => ms)).toEqual([60_000]);
    await pass();
    expect(renewals).toBe(1);
    expect(timers.map(({ ms }) => ms)).toEqual([30_000]);
    await keeper.leave();
    expect(released).toEqual(['claim_1']);
    expect(timers).toEqual([]);
  });

  it('is not given back after signing', async () => {
    const { keeper, released } = claimBench();
    await keeper.claim();
    keeper.finish();
    await keeper.leave();
    expect(released).toEqual([]);
  });

  it('is lost only by the program’s word: without a connection renewing is tried on', async () => {
    const answers = [new ApiError('OFFLINE', 'out of reach'), new ApiError('CLAIM_LOST', 'lapsed')];
    const { keeper, pass } = claimBench({ renew: () => Promise.reject(answers.shift()) });
    await keeper.claim();
    await pass();
    expect(keeper.getSnapshot().kind).toBe('HELD');
    await pass();
    expect(keeper.getSnapshot().kind).toBe('LOST');
    await keeper.claim();
    expect(keeper.getSnapshot().kind).toBe('HELD');
  });

  it('names who was faster', async () => {
    const holder = { name: 'Dr Roe', since: '2026-11-22T09:58:00Z' };
    const { keeper } = claimBench({ claim: () => Promise.reject(new ApiError('CASE_ALREADY_CLAIMED', 'held')), holderOf: () => holder });
    await keeper.claim();
    expect(keeper.getSnapshot()).toEqual({ kind: 'TAKEN', holder });
  });

  it('is given back at once when it arrives after the reader has left', async () => {
    const { keeper, released } = claimBench();
    const claiming = keeper.claim();
    await keeper.leave();
    await claiming;
    expect(released).toEqual(['claim_1']);
    expect(keeper.getSnapshot().kind).toBe('NONE');
  });
});
