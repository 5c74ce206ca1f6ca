import { byBreach, type Ordered } from './model/order';
import { ownerShares } from './model/clock';
import { ordered, type Row, rowsFrom, withChange } from './model/rows';
import { timeLeft, timeLeftText } from './model/timeLeft';
import { belongsTo, matchesText } from './model/views';

const NOW = Date.parse('2026-11-22T10:00:00Z');

function one(id: string, about: Partial<Row> = {}): Row {
  return {
    id, state: 'READY_TO_READ', priority: 'ROUTINE', protocolFlag: null, createdAt: '2026-11-22T08:00:00Z', dueAt: '2026-11-22T12:00:00Z',
    lateImages: false, holder: null, report: null, ...about,
  };
}

const at = (dueAt: string | null) => timeLeft(dueAt, NOW);
const signedAt = (iso: string) => one('a', { state: 'DELIVERED', report: { versions: [{ signedAt: iso }] } });
const ids = (rows: readonly Ordered[]) => rows.map((row) => row.id);

describe('the order of the worklist', () => {
  it('puts on top what breaches first, whatever its priority', () => {
    const rows = [
      one('routine-late', { dueAt: '2026-11-22T09:00:00Z' }),
      one('stat', { priority: 'STAT', dueAt: '2026-11-22T10:20:00Z' }),
      one('routine', { dueAt: '2026-11-23T10:00:00Z' }),
      one('stroke', { protocolFlag: 'STROKE', dueAt: '2026-11-22T10:10:00Z' }),
    ];
    expect(ids(rows.toSorted(byBreach))).toEqual(['routine-late', 'stroke', 'stat', 'routine']);
  });

  it('puts cases without a running clock last, the pressing ones first among them', () => {
    const rows = [
      one('arriving', { dueAt: null, state: 'RECEIVING' }),
      one('arriving-stat', { dueAt: null, state: 'RECEIVING', priority: 'STAT' }),
      one('arriving-trauma', { dueAt: null, state: 'RECEIVING', protocolFlag: 'TRAUMA' }),
      one('due-next-week', { dueAt: '2026-11-29T10:00:00Z' }),
    ];
    expect(ids(rows.toSorted(byBreach))).toEqual(['due-next-week', 'arriving-trauma', 'arriving-stat', 'arriving']);
  });

  it('is the same for two readers when everything else is equal', () => {
    const rows = [one('case_b'), one('case_a'), one('case_c', { createdAt: '2026-11-22T07:00:00Z' })];
    expect(ids(rows.toSorted(byBreach))).toEqual(['case_c', 'case_a', 'case_b']);
    expect(ids(rows.toReversed().toSorted(byBreach))).toEqual(['case_c', 'case_a', 'case_b']);
  });

  it('moves a case when a change gives it another due time', () => {
    const rows = rowsFrom([one('a', { dueAt: '2026-11-22T11:00:00Z' }), one('b', { dueAt: '2026-11-22T12:00:00Z' })]);
    const changed = withChange(rows, 'b', one('b', { dueAt: '2026-11-22T10:05:00Z', priority: 'STAT' }));
    expect(ids(ordered(changed.values()))).toEqual(['b', 'a']);
    expect(ids(ordered(rows.values()))).toEqual(['a', 'b']);
  });

  it('drops a case that can no longer be seen or was cancelled', () => {
    const rows = rowsFrom([one('a'), one('b')]);
    expect([...withChange(rows, 'a', null).keys()]).toEqual(['b']);
    expect([...withChange(rows, 'b', one('b', { state: 'CANCELLED' })).keys()]).toEqual(['a']);
  });
});

describe('time left', () => {
  it('grows louder at one hour, at fifteen minutes, and when it has passed', () => {
    expect(at('2026-11-22T11:00:00Z').urgency).toBe('CALM');
    expect(at('2026-11-22T10:59:59Z').urgency).toBe('NEAR');
    expect(at('2026-11-22T10:15:00Z').urgency).toBe('NEAR');
    expect(at('2026-11-22T10:14:59Z').urgency).toBe('SOON');
    expect(at('2026-11-22T10:00:00Z').urgency).toBe('SOON');
    expect(at('2026-11-22T09:59:59Z').urgency).toBe('OVERDUE');
    expect(at(null).urgency).toBe('NONE');
    expect(at('not a time').urgency).toBe('NONE');
  });

  it('is written with its two largest units and a sign that needs no colour', () => {
    expect(timeLeftText(at('2026-11-22T10:14:59Z'))).toBe('14:59');
    expect(timeLeftText(at('2026-11-22T10:00:07Z'))).toBe('0:07');
    expect(timeLeftText(at('2026-11-22T12:05:30Z'))).toBe('2 h 05');
    expect(timeLeftText(at('2026-11-25T14:00:00Z'))).toBe('3 d 4 h');
    expect(timeLeftText(at('2026-11-22T09:56:53Z'))).toBe('▲ −3:07');
    expect(timeLeftText(at(null))).toBe('–');
  });
});

describe('views', () => {
  it('calls a case mine only while it is open and I hold it', () => {
    const held = one('a', { holder: { userId: 'me' } });
    expect(belongsTo('mine', held, 'me', NOW)).toBe(true);
    expect(belongsTo('mine', held, 'somebody', NOW)).toBe(false);
    expect(belongsTo('mine', { ...held, state: 'DELIVERED' }, 'me', NOW)).toBe(false);
  });

  it('brings a signed case back to the open ones when images came late', () => {
    const signed = one('a', { state: 'DELIVERED' });
    expect(belongsTo('open', signed, 'me', NOW)).toBe(false);
    expect(belongsTo('open', { ...signed, lateImages: true }, 'me', NOW)).toBe(true);
  });

  it('shows STAT and protocol cases together, and only those', () => {
    expect(belongsTo('urgent', one('a', { priority: 'STAT' }), 'me', NOW)).toBe(true);
    expect(belongsTo('urgent', one('a', { protocolFlag: 'STROKE' }), 'me', NOW)).toBe(true);
    expect(belongsTo('urgent', one('a', { priority: 'URGENT' }), 'me', NOW)).toBe(false);
  });

  it('counts as read today what was signed on this calendar day', () => {
    const local = new Date(NOW);
    const justAfterMidnight = new Date(local.getFullYear(), local.getMonth(), local.getDate(), 0, 1);
    const yesterday = new Date(justAfterMidnight.getTime() - 2 * 60_000);
    expect(belongsTo('today', signedAt(justAfterMidnight.toISOString()), 'me', NOW)).toBe(true);
    expect(belongsTo('today', signedAt(yesterday.toISOString()), 'me', NOW)).toBe(false);
  });

  it('finds by every word, without accents or case', () => {
    const row = {
      priority: 'STAT' as const,
      protocolFlag: 'STROKE' as const,
      patient: { name: 'Müller, Zoë', patientId: 'P-17' },
      facility: { name: 'Nordklinik' },
      study: { modalities: ['CT'], description: 'Head without contrast', bodyPart: 'HEAD' },
    };
    expect(matchesText(row, 'muller head')).toBe(true);
    expect(matchesText(row, '  ZOE nord ')).toBe(true);
    expect(matchesText(row, 'stroke head')).toBe(true);
    expect(matchesText(row, 'muller knee')).toBe(false);
    expect(matchesText(row, '')).toBe(true);
  });
});

describe('the clock bar', () => {
  it('adds up each owner and measures against the target until that is exceeded', () => {
    const spans = [{ owner: 'QUEUE', seconds: 300 }, { owner: 'NETWORK', seconds: 60 }, { owner: 'QUEUE', seconds: 240 }] as const;
    expect(ownerShares(spans, 1200)).toEqual([
      { owner: 'NETWORK', seconds: 60, percent: 5 },
      { owner: 'QUEUE', seconds: 540, percent: 45 },
    ]);
    expect(ownerShares(spans, 300).map((share) => share.percent)).toEqual([10, 90]);
    expect(ownerShares([], 0)).toEqual([]);
  });
});
