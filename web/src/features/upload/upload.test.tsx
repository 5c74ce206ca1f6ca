import 'fake-indexeddb/auto';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dicomFile } from '@/test/dicom';
import { renderScreen, signIn } from '@/test/render';
import { jsonResponse, problem, TestServer, TestXhr } from '@/test/server';
import { uploadFlow } from './flow';
import { UploadPage } from './UploadPage';

/** The upload part of the program: remembers manifests, stores what arrives. */
class Archive {
  readonly expected = new Map<string, string>();
  readonly stored = new Set<string>();
  refused: { name: string; reason: string }[] = [];
  created: Record<string, unknown> | null = null;
  /** Answers batches with this instead of storing. */
  trouble: (() => Response) | null = null;

  constructor(server: TestServer) {
    server.graphql('FacilityChoices', () => ({ data: { facilities: [{ id: 'facility_1', name: 'Lakeside', code: 'LAKE' }] } }));
    server.on((request) => {
      if (request.path === '/uploads') return this.create(request.body as never);
      if (request.path === '/uploads/upload_1' || request.path === '/uploads/upload_1/finish') return jsonResponse(200, this.receipt());
      if (request.path === '/dicomweb/demo/studies') return this.trouble?.() ?? this.store(String(request.body));
      return undefined;
    });
  }

  private create(body: { studies: { study_instance_uid: string; series: { instances: { sop_instance_uid: string }[] }[] }[]; refused: { name: string; reason: string }[] }): Response {
    this.created = body as never;
    this.refused = body.refused;
    for (const study of body.studies) {
      for (const { sop_instance_uid } of study.series.flatMap((series) => series.instances)) this.expected.set(sop_instance_uid, study.study_instance_uid);
    }
    return jsonResponse(201, { upload_id: 'upload_1', dicomweb_url: 'https://public.example/dicomweb/demo', missing: [...this.expected.keys()], stored: 0 });
  }

  private store(multipart: string): Response {
    const here = [...this.expected.keys()].filter((uid) => multipart.includes(uid));
    for (const uid of here) this.stored.add(uid);
    return jsonResponse(200, { '00081199': { vr: 'SQ', Value: here.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } })) } });
  }

  private receipt() {
    const instances = Array.from(this.expected, ([sop_instance_uid, study_instance_uid]) => ({
      sop_instance_uid, study_instance_uid, outcome: this.stored.has(sop_instance_uid) ? 'STORED' : 'MISSING', reason_code: null, reason: null,
    }));
    const missing = instances.filter((each) => each.outcome === 'MISSING').length;
    return {
      upload_id: 'upload_1', state: 'OPEN', facility_id: 'facility_1', created_at: '2026-01-02T03:04:05Z', instances, refused_files: this.refused,
      counts: { expected: instances.length, stored: instances.length - missing, duplicate: 0, refused: 0, missing },
    };
  }
}

const file = (bytes: BlobPart, name: string) => new File([bytes], name);
const images = () => [
  file(dicomFile({ sop: '1.2.3.1.1' }), 'IM1'),
  file(dicomFile({ sop: '1.2.3.1.2' }), 'IM2'),
  file(dicomFile({ sop: '1.2.3.2.1', series: '1.2.3.2' }), 'IM3'),
];

describe('the upload page', () => {
  let archive: Archive;
  const user = userEvent.setup({ applyAccept: false });

  beforeEach(async () => {
    const server = new TestServer();
    archive = new Archive(server);
    vi.stubGlobal('XMLHttpRequest', TestXhr);
    vi.stubGlobal('Worker', undefined);
    await signIn(server, 'FACILITY_STAFF');
    act(() => uploadFlow.startOver());
  });
  afterEach(() => {
    act(() => uploadFlow.startOver());
    vi.unstubAllGlobals();
  });

  const choose = async (files: File[]) => {
    renderScreen(<UploadPage />);
    await user.upload(await screen.findByTestId('choose-files'), files);
    return screen.findByRole('table', { name: 'Images found' });
  };

  it('shows patients, studies and series before anything is sent, sends what is ticked, and ends with a receipt', async () => {
    const table = await choose([...images(), file('hello', 'notes.txt')]);
    expect(within(table).getByRole('rowheader', { name: /Phantom, Petra/ })).toBeTruthy();
    expect(screen.getByText('1 file will not be sent')).toBeTruthy();
    expect(archive.created).toBeNull();

    await user.click(within(table).getAllByRole('checkbox', { name: 'Send series Axial' })[1] as HTMLElement);
    await user.type(screen.getByLabelText(/Indication/), 'Fall');
    await user.click(screen.getByRole('button', { name: /^Send 2 images/ }));

    await screen.findByText('Everything arrived');
    expect(archive.created).toMatchObject({ facility_id: 'facility_1', priority: 'ROUTINE', indication: 'Fall', refused: [{ name: 'notes.txt', reason: 'NOT_DICOM' }] });
    expect([...archive.stored].sort()).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
    expect(screen.getByText('Stored: 2')).toBeTruthy();
    expect(screen.getByText('Not sent: 1')).toBeTruthy();
  });

  it('asks for a confirmation when the files belong to several patients', async () => {
    await choose([...images(), file(dicomFile({ sop: '9.1', study: '9', patientId: 'P2', patientName: 'Other^Otto' }), 'IM4')]);
    expect(screen.getByText('2 different patients')).toBeTruthy();
    const send = await screen.findByRole('button', { name: /^Send 4 images/ });
    expect(send).toHaveProperty('disabled', true);
    await user.click(screen.getByRole('checkbox', { name: 'Yes, send all 2 patients' }));
    expect(send).toHaveProperty('disabled', false);
  });

  it('warns when one study carries two patient IDs', async () => {
    await choose([...images(), file(dicomFile({ sop: '1.2.3.1.9', patientId: 'P2' }), 'IM4')]);
    expect(screen.getByText('One study carries two patient IDs')).toBeTruthy();
  });

  it('says plainly that nothing can be sent, and why', async () => {
    renderScreen(<UploadPage />);
    await user.upload(await screen.findByTestId('choose-files'), [file('', 'empty.dcm'), file('%PDF-1.4 nothing of ours', 'letter.pdf')]);
    await screen.findByText('No DICOM images found');
    expect(screen.getByText('The file is empty')).toBeTruthy();
    expect(screen.getByText('Not a DICOM file')).toBeTruthy();
  });

  it('stands still with a reason when the archive is full, and goes on afterwards', async () => {
    archive.trouble = () => problem(507, 'STORAGE_FULL');
    await choose(images());
    await user.click(await screen.findByRole('button', { name: /^Send 3 images/ }));
    await screen.findByText(/The archive is full/);
    archive.trouble = null;
    await user.click(screen.getByRole('button', { name: 'Continue' }));
    await screen.findByText('Everything arrived');
    expect(archive.stored.size).toBe(3);
  });

  it('offers an interrupted upload again, and sends only what is missing', async () => {
    archive.trouble = () => problem(507, 'STORAGE_FULL');
    await choose(images());
    await user.click(await screen.findByRole('button', { name: /^Send 3 images/ }));
    await screen.findByText(/The archive is full/);
    // As after a reload: the page knows only what it saved, the program has one image by now.
    act(() => uploadFlow.startOver());
    archive.stored.add('1.2.3.1.1');
    const batches: string[] = [];
    archive.trouble = null;
    await screen.findByText(/2 of 3 images are still missing/);
    await user.click(screen.getByRole('button', { name: 'Resume upload' }));
    await screen.findByText('Choose the same files again');
    const send = vi.spyOn(TestXhr.prototype, 'send').mockImplementation(async function record(this: TestXhr, body: Blob) {
      batches.push(await body.text());
      send.mockRestore();
      await this.send(body);
    });
    // Only part of the folder at first: the upload must not be ended behind somebody's back.
    await user.upload(screen.getByTestId('choose-files'), images().slice(0, 2));
    await screen.findByText('1 image could not be sent');
    expect([...archive.stored].sort()).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
    await user.click(screen.getByRole('button', { name: 'Resume later' }));
    await screen.findByText(/1 of 3 images is still missing/);
    await user.click(screen.getByRole('button', { name: 'Resume upload' }));
    await user.upload(screen.getByTestId('choose-files'), images());
    await screen.findByText('Everything arrived');
    expect(batches.join('')).toContain('1.2.3.1.2');
    expect(batches.join('').split('Content-Type: application/dicom\r\n')).toHaveLength(2);
  });
});
