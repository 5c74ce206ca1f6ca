import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiKeysScreen, AuditScreen, DicomNodesScreen, JobsScreen, MembersScreen, TrashScreen } from '.';
import { PlatformScreen } from '@/features/platform';
import { renderScreen, signIn } from '@/test/render';
import { TestServer } from '@/test/server';
import { eventually } from '@/test/eventually';

describe('the administrator', () => {
  let server: TestServer;
  const user = userEvent.setup();
  beforeEach(async () => {
    server = new TestServer();
    server.graphql('FacilityChoices', () => ({ data: { facilities: [{ id: 'facility_1', name: 'Lakeside', code: 'LAKE' }] } }));
    await signIn(server, 'TENANT_ADMIN');
  });
  afterEach(() => vi.unstubAllGlobals());

  it('sees the secret of a new key once, and never again', async () => {
    server.graphql('ApiKeys', () => ({ data: { apiKeys: [] } }));
    server.graphql('CreateApiKey', () => ({ data: { createApiKey: { secret: 'tk_very_secret', apiKey: { id: 'k', name: 'CT', prefix: 'tk_very' } } } }));
    renderScreen(<ApiKeysScreen />);
    await screen.findByText('No keys yet');
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText(/Name/), 'CT');
    await user.click(dialog.getByRole('button', { name: 'Create key' }));
    await dialog.findByText('tk_very_secret');
    await user.click(dialog.getByRole('button', { name: 'I have copied it' }));
    await eventually(() => expect(screen.queryByText('tk_very_secret')).toBeNull());
    await user.click(screen.getByRole('button', { name: 'Create key' }));
    expect(screen.queryByText('tk_very_secret')).toBeNull();
  });

  it('describes a node, which is held to more than a name that is any, and hears whether it answers', async () => {
    const node = { id: 'node_1', facilityId: 'facility_1', name: 'CT 1', calledTitle: 'ARCHIVE', peerTitle: 'CT1', addresses: ['10.1.0.0/16'], certificates: [], requiresTls: false, rights: ['STORE'], takesPrivateClasses: true, host: '10.1.0.7', port: 104, usesTls: false, isEnabled: true };
    server.graphql('DicomNodes', () => ({ data: { dicomNodes: [node] } }));
    const changed: unknown[] = [];
    server.graphql('ChangeDicomNode', (variables) => {
      changed.push(variables.input);
      return { data: { changeDicomNode: { id: 'node_1' } } };
    });
    server.graphql('VerifyDicomNode', () => ({ data: { verifyDicomNode: { answered: false, milliseconds: 3, problem: 'connection refused' } } }));
    renderScreen(<DicomNodesScreen />);
    await user.click(await screen.findByRole('button', { name: 'Verify: CT 1' }));
    await screen.findByText('CT 1 does not answer: connection refused');
    await user.click(screen.getByRole('button', { name: 'Edit: CT 1' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.clear(dialog.getByLabelText(/Its AE title/));
    await user.type(dialog.getByLabelText(/Its AE title/), '*');
    await user.clear(dialog.getByLabelText(/Addresses/));
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    await dialog.findByText('A node of any title needs addresses or certificates');
    expect(changed).toEqual([]);
    await user.type(dialog.getByLabelText(/Addresses/), '10.2.0.0/16, 10.3.0.1');
    await user.click(dialog.getByRole('button', { name: 'Save' }));
    const { id, ...described } = node;
    await eventually(() => expect(changed).toEqual([{ nodeId: id, node: { ...described, peerTitle: '*', addresses: ['10.2.0.0/16', '10.3.0.1'] } }]));
  });

  it('cannot invite facility staff without a facility, and is told when the address is taken', async () => {
    server.graphql('Members', () => ({ data: { members: [], invitations: [] } }));
    const invited: unknown[] = [];
    server.graphql('InviteMember', (variables) => {
      invited.push(variables.input);
      return { errors: [{ message: 'x', extensions: { code: 'EMAIL_TAKEN' } }] };
    });
    renderScreen(<MembersScreen />);
    await user.click(await screen.findByRole('button', { name: 'Invite somebody' }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByLabelText(/E-mail/), 'new@example.org');
    await user.click(dialog.getByRole('button', { name: 'Send invitation' }));
    await dialog.findByText('Choose at least one facility');
    expect(invited).toEqual([]);
    await user.click(dialog.getByRole('checkbox', { name: 'Lakeside (LAKE)' }));
    await user.click(dialog.getByRole('button', { name: 'Send invitation' }));
    await dialog.findByText('There is already a member with this e-mail address.');
    expect(invited).toEqual([{ email: 'new@example.org', role: 'FACILITY_STAFF', facilityIds: ['facility_1'] }]);
  });

  it('sees why a job has failed, and can run it again', async () => {
    const job = { id: 'job_1', kind: 'thumbnail', state: 'DEAD', subject: 'series_1', attempts: 5, maxAttempts: 5, runAt: '2026-01-02T03:00:00Z', createdAt: '2026-01-02T03:00:00Z', finishedAt: null, lastError: 'PIXELS_UNREADABLE: cut off' };
    let dead = true;
    server.graphql('Jobs', () => ({ data: { jobs: { endCursor: null, hasNextPage: false, counts: { queued: 0, running: 0, dead: dead ? 1 : 0, doneLastDay: 3 }, nodes: dead ? [job] : [] } } }));
    server.graphql('RetryJob', () => {
      dead = false;
      return { data: { retryJob: { id: 'job_1', state: 'QUEUED' } } };
    });
    renderScreen(<JobsScreen />);
    await screen.findByText('PIXELS_UNREADABLE: cut off');
    await user.click(screen.getByRole('button', { name: 'Retry: thumbnail job_1' }));
    await screen.findByText('Nothing has failed for good');
  });

  it('takes a deleted study out of the trash after being asked', async () => {
    const row = {
      id: 'deletion_1', part: 'STUDY', patientName: 'Phantom, Petra', patientId: 'P1', description: 'CT Head', studyDate: '20260102', modalities: ['CT'], instanceCount: 3, bytes: 1000,
      reason: 'wrong patient', deletedBy: 'Ada', deletedAt: '2026-01-02T03:00:00Z', purgeAt: '2026-02-01T03:00:00Z', onLegalHold: false,
    };
    let lying = true;
    server.graphql('DeletedStudies', () => ({ data: { deletedStudies: { endCursor: null, hasNextPage: false, nodes: lying ? [row] : [] } } }));
    server.graphql('RestoreStudy', (variables) => {
      expect(variables.input).toEqual({ deletionId: 'deletion_1' });
      lying = false;
      return { data: { restoreStudy: { id: 's' } } };
    });
    renderScreen(<TrashScreen />);
    await screen.findByText('wrong patient');
    await user.click(screen.getByRole('button', { name: 'Restore: Phantom, Petra' }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Restore' }));
    await screen.findByText('Nothing was deleted');
  });

  const verdict = {
    intact: true, events: 12, firstBrokenSequence: null, checkpoints: 2, unreadableCheckpoints: 0,
    newestCheckpointSequence: 10, newestCheckpointAt: '2026-11-25T10:00:00Z', firstContradictedSequence: null,
  };
  const nothing = { data: { auditTrail: { endCursor: null, hasNextPage: false, nodes: [] } } };

  it.each([
    [{ intact: false, firstBrokenSequence: 7 }, 'The chain is broken at event 7.'],
    [{ intact: false, firstContradictedSequence: 9 }, 'Event 9 is not what a signed checkpoint says it was.'],
    [{ intact: false, unreadableCheckpoints: 1 }, '1 checkpoint is not signed by this server.'],
    [{ checkpoints: 0, newestCheckpointSequence: null, newestCheckpointAt: null }, 'There is no checkpoint yet; the first comes within ten minutes.'],
    [{}, /Compared with 2 checkpoints, the newest at event 10/],
  ])('is told what speaks against the audit trail: %o', async (found, text) => {
    server.graphql('Audit', () => nothing);
    server.graphql('AuditVerification', () => ({ data: { auditVerification: { ...verdict, ...found } } }));
    renderScreen(<AuditScreen />);
    await user.click(await screen.findByRole('button', { name: 'Verify the trail' }));
    await screen.findByText(text);
  });

  it('asks the audit trail who was refused what, and sees from where with what', async () => {
    const asked: unknown[] = [];
    const caseId = `case_${'0'.repeat(32)}`;
    server.graphql('Audit', (variables) => {
      asked.push(variables.filter);
      const row = {
        sequence: 3, at: '2026-11-25T10:00:00Z', actor: 'Rita Reader', actorKind: 'USER', actorId: 'user_1', action: 'access.refused',
        object: caseId, caseId, outcome: 'DENIED', address: '192.0.2.7', userAgent: 'Workstation/7', detail: 'case: NOT_FOUND', hash: 'ab'.repeat(32),
      };
      return { data: { auditTrail: { endCursor: '3', hasNextPage: false, nodes: [row] } } };
    });
    renderScreen(<AuditScreen />);
    const table = within(await screen.findByRole('table', { name: 'Audit trail' }));
    table.getByText('Refused');
    table.getByText('192.0.2.7');
    table.getByText('Workstation/7');
    table.getByText('case: NOT_FOUND');
    await user.type(screen.getByLabelText('Who'), 'rita');
    await eventually(() => expect(asked.at(-1)).toMatchObject({ actor: 'rita' }));
    await user.type(screen.getByLabelText('About'), 'case_1');
    await screen.findByText(/An id has the form case_/);
    expect(asked.at(-1)).toMatchObject({ about: null });
  });

  it('is told that nothing matches, and not that nothing is recorded', async () => {
    server.graphql('Audit', () => nothing);
    renderScreen(<AuditScreen />);
    await screen.findByText('Nothing is recorded here');
    await user.type(screen.getByLabelText('Who'), 'nobody');
    await screen.findByText('Nothing matches');
    await user.click(screen.getByRole('button', { name: 'Clear' }));
    await screen.findByText('Nothing is recorded here');
  });
});

it('the operator sees no tenant before giving a reason', async () => {
  const server = new TestServer();
  const reasons: unknown[] = [];
  server.graphql('PlatformTenants', (variables) => {
    reasons.push(variables.reason);
    return { data: { platformTenants: [] } };
  });
  await signIn(server, 'OPERATOR');
  const user = userEvent.setup();
  renderScreen(<PlatformScreen />);
  const show = await screen.findByRole('button', { name: 'Show tenants' });
  expect(show).toHaveProperty('disabled', true);
  expect(reasons).toEqual([]);
  await user.type(screen.getByLabelText('Reason'), 'Ticket 4711: capacity');
  await user.click(show);
  await screen.findByText('No tenants yet');
  expect(reasons).toEqual(['Ticket 4711: capacity']);
  vi.unstubAllGlobals();
});
