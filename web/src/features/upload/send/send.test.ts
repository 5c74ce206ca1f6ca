import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/request';
import { BATCH_LIMITS, planBatches } from './batches';
import { RateMeter, secondsLeft } from './progress';
import { forgetUpload, matchSaved, saveUpload, type SavedUpload, savedUploads } from './saved';
import { Sender, type SenderSurroundings } from './sender';
import { type Announced, manifestOf, type OutgoingFile, type Outcome, type Receipt, type Verdict, verdictsOf } from './uploadApi';
import { eventually } from '@/test/eventually';

const instance = (n: number, bytes = 1000, study = '1.2.3'): Announced => ({
  sopInstanceUid: `${study}.1.${n}`,
  seriesInstanceUid: `${study}.1`,
  studyInstanceUid: study,
  bytes,
});
const many = (count: number, bytes = 1000) => Array.from({ length: count }, (_, n) => instance(n, bytes));

/** The program, seen from a sender: keeps what it was sent, and can be made to fail. */
class Program implements SenderSurroundings<Announced> {
  readonly stored = new Map<string, Outcome>();
  readonly batches: number[] = [];
  /** Called before each batch with its ordinal; may throw, or return `'lost'`: stored, but the answer never came. */
  trouble: (batch: number, files: string[]) => 'lost' | undefined = () => undefined;
  gone = new Set<string>();
  inFlight = 0;
  mostInFlight = 0;
  slept = 0;
  private clock = 0;

  constructor(private readonly all: readonly Announced[]) {}

  open = async (each: Announced): Promise<Blob> => {
    if (this.gone.has(each.sopInstanceUid)) throw new Error('gone');
    return new File(['x'], each.sopInstanceUid);
  };

  send = async (files: readonly OutgoingFile[], about: { signal: AbortSignal }): Promise<Map<string, Verdict>> => {
    const names = files.map((file) => file.sopInstanceUid);
    const ordinal = this.batches.push(files.length);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (about.signal.aborted) throw about.signal.reason;
      const outcome = this.trouble(ordinal, names);
      for (const name of names) this.stored.set(name, 'STORED');
      if (outcome === 'lost') throw new ApiError('OFFLINE', 'lost');
      return new Map(names.map((name) => [name, { kind: 'stored' }]));
    } finally {
      this.inFlight -= 1;
    }
  };

  receipt = async (): Promise<Receipt> => ({
    upload_id: 'upload_1',
    state: 'OPEN',
    facility_id: 'facility_1',
    created_at: '2026-01-02T03:04:05Z',
    counts: { expected: 0, stored: 0, duplicate: 0, refused: 0, missing: 0 },
    instances: this.all.map((each) => ({
      sop_instance_uid: each.sopInstanceUid,
      study_instance_uid: each.studyInstanceUid,
      outcome: this.stored.get(each.sopInstanceUid) ?? 'MISSING',
      reason_code: null,
      reason: null,
    })),
    refused_files: [],
  });

  now = () => (this.clock += 50);

  sleep = async (): Promise<void> => {
    this.slept += 1;
    await Promise.resolve();
  };
}

function senderOf(program: Program, all: readonly Announced[], missing = all): Sender<Announced> {
  return new Sender(program, all, new Set(missing.map((each) => each.sopInstanceUid)));
}

const done = (sender: Sender<Announced>) => eventually(() => expect(sender.state().phase).toBe('DONE'));

describe('batches', () => {
  it('hold at most 8 MB and 100 files, in order, and lose nothing', () => {
    const all = [...many(250, 10_000), ...many(40, 500_000), instance(1, 20_000_000, '9'), ...many(3)];
    const batches = planBatches(all);
    expect(batches.flat()).toEqual(all);
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(BATCH_LIMITS.files);
      const bytes = batch.reduce((sum, each) => sum + each.bytes, 0);
      expect(batch.length === 1 || bytes <= BATCH_LIMITS.bytes).toBe(true);
    }
  });

  it('of nothing are none', () => {
    expect(planBatches([])).toEqual([]);
  });
});

describe('a sender', () => {
  it('sends everything, three batches at a time', async () => {
    const all = many(950);
    const program = new Program(all);
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(950);
    expect(program.batches).toHaveLength(10);
    expect(program.mostInFlight).toBe(3);
    expect(sender.state()).toMatchObject({ unsent: [], progress: { stored: 950, total: 950, bytesDone: 950_000 } });
  });

  it('sends only what the program misses', async () => {
    const all = many(150);
    const program = new Program(all);
    const sender = senderOf(program, all, all.slice(120));
    sender.start();
    await done(sender);
    expect([...program.stored.keys()]).toEqual(all.slice(120).map((each) => each.sopInstanceUid));
    expect(sender.state().progress.stored).toBe(150);
  });

  it('asks what arrived after a lost answer, and does not send it twice', async () => {
    const all = many(100);
    const program = new Program(all);
    program.trouble = (batch) => (batch === 1 ? 'lost' : undefined);
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(program.batches).toEqual([100]);
    expect(sender.state().progress.stored).toBe(100);
  });

  it('waits as long as the program is out of reach, then goes on', async () => {
    const all = many(100);
    const program = new Program(all);
    let outages = 12;
    const receipt = program.receipt;
    program.trouble = () => {
      if (outages > 0) throw new ApiError('OFFLINE', 'cut');
      return undefined;
    };
    program.receipt = async () => {
      outages -= 1;
      if (outages > 0) throw new ApiError('OFFLINE', 'cut');
      return receipt();
    };
    const sender = senderOf(program, all);
    const phases = new Set<string>();
    sender.subscribe(() => phases.add(sender.state().phase));
    sender.start();
    await done(sender);
    expect(phases).toContain('WAITING');
    expect(program.slept).toBeGreaterThanOrEqual(12);
    expect(program.stored.size).toBe(100);
  });

  it('halves a batch that keeps failing until the one bad file stands alone', async () => {
    const all = many(64);
    const bad = all[17]?.sopInstanceUid ?? '';
    const program = new Program(all);
    program.trouble = (_batch, files) => {
      if (files.includes(bad)) throw new ApiError('INTERNAL', 'always');
      return undefined;
    };
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(63);
    expect(sender.state().unsent.map((each) => each.sopInstanceUid)).toEqual([bad]);
  });

  it('halves at once what is too large', async () => {
    const all = many(10);
    const program = new Program(all);
    program.trouble = (_batch, files) => {
      if (files.length > 3) throw new ApiError('PAYLOAD_TOO_LARGE', 'too large');
      return undefined;
    };
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(10);
    expect(program.slept).toBe(0);
  });

  it('stops for a full disk, keeps what it knows, and goes on when told to', async () => {
    const all = many(300);
    const program = new Program(all);
    let full = true;
    program.trouble = (batch) => {
      if (full && batch > 1) throw new ApiError('STORAGE_FULL', 'full');
      return undefined;
    };
    const sender = senderOf(program, all);
    sender.start();
    await eventually(() => expect(sender.state().phase).toBe('STOPPED'));
    expect(sender.state().problem?.code).toBe('STORAGE_FULL');
    full = false;
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(300);
  });

  it('can be paused and resumed', async () => {
    const all = many(1000);
    const program = new Program(all);
    const sender = senderOf(program, all);
    program.trouble = (batch) => {
      if (batch === 5) sender.pause();
      return undefined;
    };
    sender.start();
    await eventually(() => expect(sender.state().phase).toBe('PAUSED'));
    await eventually(() => expect(program.inFlight).toBe(0));
    const before = program.stored.size;
    expect(before).toBeLessThan(1000);
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(1000);
  });

  it('leaves out a file that has gone, and says so', async () => {
    const all = many(5);
    const program = new Program(all);
    program.gone.add(all[2]?.sopInstanceUid ?? '');
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(program.stored.size).toBe(4);
    expect(sender.state().unsent).toEqual([all[2]]);
  });

  it('takes a refusal as an answer', async () => {
    const all = many(3);
    const program = new Program(all);
    program.send = async () => new Map<string, Verdict>(all.map((each, n) => [each.sopInstanceUid, n === 0 ? { kind: 'refused', code: 'PATIENT_MISMATCH' } : { kind: 'stored' }]));
    const sender = senderOf(program, all);
    sender.start();
    await done(sender);
    expect(sender.state().progress).toMatchObject({ stored: 2, refused: 1 });
  });
});

describe('the answer of STOW-RS', () => {
  it('is read for each instance; out of resources and damaged on the way mean again', () => {
    const item = (uid: string, reason?: number, comment?: string) => ({
      '00081155': { vr: 'UI', Value: [uid] },
      ...(reason === undefined ? {} : { '00081197': { vr: 'US', Value: [reason] } }),
      ...(comment === undefined ? {} : { '00000902': { vr: 'LO', Value: [comment] } }),
    });
    const verdicts = verdictsOf({
      '00081199': { vr: 'SQ', Value: [item('1.1')] },
      '00081198': { vr: 'SQ', Value: [item('1.2', 0xc000, 'PATIENT_MISMATCH: another patient'), item('1.3', 0xa700), item('1.5', 0xa900, 'DIFFERS_FROM_MANIFEST: damaged')] },
      '0008119A': { vr: 'SQ', Value: [item('1.4', 0xc000, 'INSTANCE_TRUNCATED: the file is cut off')] },
    });
    expect(Object.fromEntries(verdicts)).toEqual({
      '1.1': { kind: 'stored' },
      '1.2': { kind: 'refused', code: 'PATIENT_MISMATCH' },
      '1.3': { kind: 'again' },
      '1.4': { kind: 'refused', code: 'INSTANCE_TRUNCATED' },
      '1.5': { kind: 'again' },
    });
  });

  it('that is nonsense decides nothing', () => {
    for (const body of [null, {}, [], { '00081199': {} }, { '00081198': { Value: [null, {}] } }]) expect(verdictsOf(body).size).toBe(0);
  });
});

it('the manifest names every instance once, by study and series', () => {
  expect(manifestOf([instance(1), instance(2), instance(1, 7, '9')])).toEqual([
    { study_instance_uid: '1.2.3', series: [{ series_instance_uid: '1.2.3.1', instances: [{ sop_instance_uid: '1.2.3.1.1', bytes: 1000 }, { sop_instance_uid: '1.2.3.1.2', bytes: 1000 }] }] },
    { study_instance_uid: '9', series: [{ series_instance_uid: '9.1', instances: [{ sop_instance_uid: '9.1.1', bytes: 7 }] }] },
  ]);
});

describe('a saved upload', () => {
  const saved = (uploadId: string, owner: string, createdAt: number): SavedUpload => ({
    uploadId, owner, createdAt, dicomwebPath: '/dicomweb/demo', instances: many(3), directory: null,
  });
  const day = 86_400_000;

  it('is offered to its owner only, for a week, until it is done', async () => {
    await saveUpload(saved('upload_a', 'ann demo', 10 * day));
    await saveUpload(saved('upload_b', 'ann demo', 2 * day));
    await saveUpload(saved('upload_c', 'bob demo', 10 * day));
    expect((await savedUploads('ann demo', 11 * day)).map((each) => each.uploadId)).toEqual(['upload_a']);
    await forgetUpload('upload_a');
    expect(await savedUploads('ann demo', 11 * day)).toEqual([]);
    expect(await savedUploads('bob demo', 11 * day)).toHaveLength(1);
  });

  it('recognises its images by UID and size', () => {
    const found = [instance(0), instance(1, 999), instance(7)];
    expect(matchSaved(saved('upload_a', 'ann demo', 0), found)).toEqual([instance(0)]);
  });
});

it('time left is known once something moved', () => {
  const rate = new RateMeter();
  expect(rate.bytesPerSecond).toBe(0);
  rate.add(0, 0);
  rate.add(1000, 2_000_000);
  rate.add(2000, 4_000_000);
  expect(rate.bytesPerSecond).toBe(2_000_000);
  expect(secondsLeft(6_000_000, rate.bytesPerSecond)).toBe(3);
  expect(secondsLeft(6_000_000, 0)).toBeNull();
});
