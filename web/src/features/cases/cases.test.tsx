import { notifications } from '@mantine/notifications';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaseDetail, CaseRow } from './cases.queries';
import { dueAfterSeconds, sharesOf } from './clock';
import { parseCasesSearch } from './casesSearch';
import { CaseScreen, CasesScreen } from '.';
import { ReportPanel } from './ReportPanel';
import { renderScreen, signIn } from '@/test/render';
import { TestServer } from '@/test/server';
import { eventually } from '@/test/eventually';

const row = (more: Partial<CaseRow> = {}): CaseRow => ({
  id: 'case_1', state: 'READY_TO_READ', priority: 'STAT', protocolFlag: 'STROKE', createdAt: '2026-01-02T03:00:00Z', dueAt: new Date(Date.now() - 5 * 60_000).toISOString(),
  breached: true, receivedCount: 108, expectedCount: 108, receivedPercent: 100, lateImages: false, facility: { id: 'f', name: 'Lakeside', code: 'LAKE' },
  patient: { name: '<b>Phantom</b>, Petra', patientId: 'P1', sex: 'F', ageAtStudy: '61 Y' },
  study: { description: 'CT Head', studyDate: '20260102', modalities: ['CT'], bodyPart: null, accessionNumber: 'A1', instanceCount: 108 },
  holder: null, report: null, deliveries: [], clock: { state: 'RUNNING', elapsedSeconds: 100 }, ...more,
});

const detail = (more: Partial<CaseDetail> = {}): CaseDetail => ({
  id: 'case_1', state: 'DELIVERED', priority: 'ROUTINE', protocolFlag: null, indication: 'Fall', createdAt: '2026-01-02T03:00:00Z', readyAt: '2026-01-02T03:10:00Z', dueAt: '2026-01-02T04:10:00Z',
  warned: false, breached: false, receivedCount: 2, expectedCount: 2, receivedPercent: 100, lateImages: false, facility: { id: 'f', name: 'Lakeside', code: 'LAKE' },
  patient: { name: 'Phantom, Petra', patientId: 'P1', issuer: '', birthDate: '19650101', sex: 'F', ageAtStudy: '61 Y' },
  study: { id: 's', studyInstanceUid: '1.2', accessionNumber: 'A1', description: 'CT Head', studyDate: '20260102', modalities: ['CT'], bodyPart: null, seriesCount: 0, instanceCount: 2, bytes: 1000, onLegalHold: false, availability: 'ONLINE', recallRequestedAt: null, series: [] },
  holder: null,
  clock: {
    state: 'STOPPED', startedAt: '2026-01-02T03:10:00Z', targetSeconds: 3600, elapsedSeconds: 1800, owner: null,
    spans: [
      { owner: 'NETWORK', from: '2026-01-02T03:00:00Z', to: '2026-01-02T03:10:00Z', seconds: 600 },
      { owner: 'QUEUE', from: '2026-01-02T03:10:00Z', to: '2026-01-02T03:20:00Z', seconds: 600 },
      { owner: 'READER', from: '2026-01-02T03:20:00Z', to: '2026-01-02T03:30:00Z', seconds: 600 },
      { owner: 'QUEUE', from: '2026-01-02T03:30:00Z', to: '2026-01-02T03:40:00Z', seconds: 600 },
    ],
    events: [{ at: '2026-01-02T03:00:00Z', kind: 'RECEIVING', owner: 'NETWORK', actor: null }, { at: '2026-01-02T03:05:00Z', kind: 'SOMETHING_NEW', owner: null, actor: 'Dr. X' }],
  },
  report: {
    id: 'r', state: 'FINAL',
    versions: [{ id: 'v', number: 1, kind: 'FINAL', signedAt: '2026-01-02T03:40:00Z', signedBy: 'Dr. Vogt', sha256: 'a'.repeat(64), pdfUrl: null, sections: [{ key: 'impression', title: 'Impression', text: 'No haemorrhage.' }] }],
  },
  deliveries: [{ id: 'd', channel: 'PORTAL', recipient: 'Lakeside', state: 'DELIVERED', queuedAt: '2026-01-02T03:40:00Z', deliveredAt: '2026-01-02T03:41:00Z', acknowledgedAt: null, lastError: null }],
  ...more,
});

describe('cases', () => {
  let server: TestServer;
  const user = userEvent.setup();
  beforeEach(async () => {
    server = new TestServer();
    server.graphql('FacilityChoices', () => ({ data: { facilities: [] } }));
    server.graphql('StudyDestinations', () => ({ data: { studyDestinations: [] } }));
    await signIn(server, 'FACILITY_STAFF');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('have their images sent to the archive that is chosen', async () => {
    server.graphql('Case', () => ({ data: { case: detail() } }));
    server.graphql('StudyDestinations', () => ({ data: { studyDestinations: [{ id: 'node_1', name: 'North' }, { id: 'node_2', name: 'South' }] } }));
    const sent: unknown[] = [];
    server.graphql('SendStudy', (variables) => {
      sent.push(variables.input);
      return { data: { sendStudy: { jobId: 'job_1' } } };
    });
    renderScreen(<CaseScreen />);
    await user.selectOptions(await screen.findByLabelText('Send images to'), 'South');
    await user.click(screen.getByRole('button', { name: 'Send' }));
    await screen.findByText('The images are being sent; Background work tells how it goes.');
    expect(sent).toEqual([{ studyId: 's', nodeId: 'node_2' }]);
    act(() => notifications.clean());
    await eventually(() => expect(screen.queryByText(/are being sent/)).toBeNull());
  });

  it('have their study as a ZIP, and say so when something is missing in it', async () => {
    server.graphql('Case', () => ({ data: { case: detail() } }));
    const zips = ['PK DICOMDIR PK end', 'PK DICOMDIR LEFTOUT.TXT PK end'];
    server.on((request) => (request.path === '/exports/1.2' ? new Response(zips.shift(), { headers: { 'Content-Type': 'application/zip' } }) : undefined));
    const saved: string[] = [];
    vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:zip', revokeObjectURL: () => undefined }));
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
      saved.push(this.download);
    });
    renderScreen(<CaseScreen />);
    await user.click(await screen.findByRole('button', { name: 'Download as ZIP' }));
    await eventually(() => expect(saved).toEqual(['s.zip']));
    expect(screen.queryByText(/LEFTOUT/)).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Download as ZIP' }));
    await screen.findByText('Some images are not in the ZIP. LEFTOUT.TXT in it says which, and why.');
    expect(saved).toEqual(['s.zip', 's.zip']);
    act(() => notifications.clean());
    vi.restoreAllMocks();
  });

  it('are listed with words beside every colour, and names are text, never markup', async () => {
    server.graphql('Cases', () => ({ data: { worklist: { totalCount: 1, hasNextPage: false, nodes: [row()] } } }));
    renderScreen(<CasesScreen />);
    const table = await screen.findByRole('table', { name: 'Cases' });
    const cells = within(table);
    for (const text of ['STAT', 'Stroke', 'Ready to read', '5 min over', '<b>Phantom</b>, Petra']) expect(cells.getByText(text)).toBeTruthy();
  });

  it('are searched without a name in the address', async () => {
    const asked: unknown[] = [];
    server.graphql('Cases', (variables) => {
      asked.push(variables.filter);
      return { data: { worklist: { totalCount: 0, hasNextPage: false, nodes: [] } } };
    });
    renderScreen(<CasesScreen />);
    await screen.findByText('No cases here');
    await user.type(screen.getByRole('searchbox'), 'Phantom');
    await screen.findByText('Nothing found');
    expect(asked.at(-1)).toMatchObject({ text: 'Phantom' });
    expect(window.location.href).not.toContain('Phantom');
  });

  it('say why they cannot be shown, and can be asked for again', async () => {
    let broken = true;
    server.graphql('Cases', () => (broken ? { errors: [{ message: 'x', extensions: { code: 'STORAGE_UNAVAILABLE' } }] } : { data: { worklist: { totalCount: 1, hasNextPage: false, nodes: [row()] } } }));
    renderScreen(<CasesScreen />);
    expect((await screen.findByRole('alert')).textContent).toContain('archive cannot be reached');
    broken = false;
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByRole('table', { name: 'Cases' });
  });

  it('on media that are not at hand say so, are asked for once, and say since when they are awaited', async () => {
    let study = { ...detail().study, availability: 'OFFLINE' as const, recallRequestedAt: null as string | null };
    const asked: unknown[] = [];
    server.graphql('Case', () => ({ data: { case: detail({ study }) } }));
    server.graphql('RecallStudy', (variables) => {
      asked.push(variables.input);
      study = { ...study, recallRequestedAt: '2026-01-02T05:00:00Z' };
      return { data: { recallStudy: true } };
    });
    renderScreen(<CaseScreen />, '/cases/case_1');
    await screen.findByText(/not at hand/);
    await user.click(screen.getByRole('button', { name: 'Bring it back' }));
    await screen.findByText(/Asked for on/);
    expect(screen.queryByRole('button', { name: 'Bring it back' })).toBeNull();
    expect(asked).toEqual([{ studyId: 's' }]);
    act(() => notifications.clean());
  });

  it('that do not exist, or are somebody else’s, are told apart from nothing', async () => {
    server.graphql('Case', () => ({ errors: [{ message: 'x', extensions: { code: 'NOT_FOUND' } }] }));
    renderScreen(<CaseScreen />, '/cases/case_1');
    expect((await screen.findByRole('alert')).textContent).toContain('does not exist, or you have no access');
  });

  it('show whose minutes they took, and events of a newer program readably', async () => {
    server.graphql('Case', () => ({ data: { case: detail() } }));
    renderScreen(<CaseScreen />, '/cases/case_1');
    const clock = within(await screen.findByRole('region', { name: 'Whose minutes' }));
    expect(clock.getByText('First image received')).toBeTruthy();
    expect(clock.getByText(/something new/)).toBeTruthy();
    expect(clock.getByText('20 min')).toBeTruthy();
  });

  it('keep a new report closed until somebody opens it, which acknowledges it', async () => {
    const acknowledged: unknown[] = [];
    server.graphql('AcknowledgeReport', (variables) => {
      acknowledged.push(variables.input);
      return { data: { acknowledgeReport: { id: 'case_1', deliveries: [{ id: 'd', state: 'ACKNOWLEDGED', acknowledgedAt: '2026-01-02T05:00:00Z' }] } } };
    });
    const changed = vi.fn();
    renderScreen(<ReportPanel detail={detail()} onChanged={changed} />);
    await screen.findByText(/A new report has come/);
    expect(screen.queryByText('No haemorrhage.')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Open report' }));
    expect(screen.getByText('No haemorrhage.')).toBeTruthy();
    await eventually(() => expect(changed).toHaveBeenCalled());
    expect(acknowledged).toEqual([{ caseId: 'case_1' }]);
  });

  it('do not acknowledge a report that was read before', async () => {
    const deliveries = detail().deliveries.map((delivery) => ({ ...delivery, state: 'ACKNOWLEDGED' as const }));
    renderScreen(<ReportPanel detail={detail({ deliveries })} onChanged={() => undefined} />);
    expect(await screen.findByText('No haemorrhage.')).toBeTruthy();
    expect(server.requests.filter((request) => String(JSON.stringify(request.body)).includes('AcknowledgeReport'))).toEqual([]);
  });
});

describe('an administrator', () => {
  let server: TestServer;
  const user = userEvent.setup();
  beforeEach(async () => {
    server = new TestServer();
    server.graphql('FacilityChoices', () => ({ data: { facilities: [] } }));
    await signIn(server, 'TENANT_ADMIN');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('deletes a study only with a reason, and is told what is in the way', async () => {
    const deleted: unknown[] = [];
    server.graphql('Case', () => ({ data: { case: detail() } }));
    server.graphql('DeleteStudy', (variables) => {
      deleted.push(variables.input);
      return { errors: [{ message: 'x', extensions: { code: 'STUDY_IN_USE' } }] };
    });
    renderScreen(<CaseScreen />, '/cases/case_1');
    await user.click(await screen.findByRole('button', { name: 'Delete study' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.click(dialog.getByRole('button', { name: 'Delete study' }));
    await dialog.findByText('Say why');
    expect(deleted).toEqual([]);
    await user.type(dialog.getByLabelText(/Reason/), 'wrong patient');
    await user.click(dialog.getByRole('button', { name: 'Delete study' }));
    await dialog.findByText(/being read or has a signed report/);
    expect(deleted).toEqual([{ studyId: 's', reason: 'wrong patient', withReport: false }]);
  });

  it('sees why a study is held, and cannot delete it until the hold is lifted', async () => {
    const study = { ...detail().study, onLegalHold: true };
    server.graphql('Case', () => ({ data: { case: detail({ study }) } }));
    server.graphql('LegalHolds', () => ({ data: { legalHolds: [{ id: 'h', reason: 'a court asks', placedBy: 'Ada', placedAt: '2026-01-02T03:00:00Z' }] } }));
    const lifted: unknown[] = [];
    server.graphql('LiftLegalHold', (variables) => {
      lifted.push(variables.input);
      return { data: { liftLegalHold: true } };
    });
    renderScreen(<CaseScreen />, '/cases/case_1');
    await screen.findByText(/a court asks/);
    expect(screen.queryByRole('button', { name: 'Delete study' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Lift legal hold' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText(/Reason/), 'settled');
    await user.click(dialog.getByRole('button', { name: 'Lift legal hold' }));
    await eventually(() => expect(lifted).toEqual([{ studyId: 's', reason: 'settled' }]));
  });
});

describe('the clock', () => {
  it('adds up each owner’s spans, and counts an open one up to now', () => {
    const { clock } = detail();
    expect(sharesOf(clock, 0).find((share) => share.owner === 'QUEUE')?.seconds).toBe(1200);
    const running = { ...clock, spans: [{ owner: 'READER' as const, from: '2026-01-02T03:00:00Z', to: null, seconds: 10 }] };
    expect(sharesOf(running, Date.parse('2026-01-02T03:05:00Z'))).toEqual([{ owner: 'READER', seconds: 300 }]);
  });

  it('marks the target where the case falls due, not where the ledger begins', () => {
    expect(dueAfterSeconds(detail().clock, '2026-01-02T04:10:00Z')).toBe(4200);
    expect(dueAfterSeconds(detail().clock, null)).toBeNull();
  });
});

it('the address of the list takes nothing but a group and a facility', () => {
  expect(parseCasesSearch({ show: 'done', facility: `facility_${'a'.repeat(32)}`, text: 'Phantom' })).toEqual({ show: 'done', facility: `facility_${'a'.repeat(32)}` });
  expect(parseCasesSearch({ show: 'x', facility: '../..' })).toEqual({});
});
