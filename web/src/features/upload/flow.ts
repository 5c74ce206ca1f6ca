/**
 * One upload from dropped files to receipt. Lives outside the page, so that it goes on while another page is looked at.
 *
 * **Invariant:** nothing is sent before somebody has seen what it is and pressed Send.
 */
import type { Priority, ProtocolFlag } from '@/gql/enums';
import { session } from '@/api/session';
import { i18next } from '@/i18n';
import { showActivity } from '@/ui/activity';
import { bytesOf, Findings, groupByPatient, type PatientGroup } from './model';
import { createScanService, type ScanService } from './scan/scanClient';
import type { DroppedFile, FoundInstance, SetAsideFile } from './scan/scanner';
import { forgetUpload, matchSaved, saveUpload, type SavedUpload } from './send/saved';
import { Sender } from './send/sender';
import { createUpload, finishUpload, readReceipt, type Receipt, sendBatch } from './send/uploadApi';

export interface Reviewed {
  patients: PatientGroup[];
  setAside: SetAsideFile[];
}

export type FlowState =
  | { step: 'CHOOSE'; resuming: SavedUpload | null; problem: unknown }
  | { step: 'SCAN'; scanned: number; total: number; images: number }
  | ({ step: 'REVIEW' } & Reviewed)
  | {
      step: 'SEND';
      uploadId: string;
      sender: Sender<FoundInstance>;
      patients: PatientGroup[];
      /** Announced images that are neither stored nor among the chosen files: only part of a folder was chosen again. */
      absent: number;
      finishing: boolean;
      problem: unknown;
    }
  | { step: 'RECEIPT'; receipt: Receipt; names: ReadonlyMap<string, string> };

export interface SendChoice {
  facilityId: string;
  priority: Priority;
  protocolFlag: ProtocolFlag | null;
  indication: string;
  instances: readonly FoundInstance[];
}

const START: FlowState = { step: 'CHOOSE', resuming: null, problem: null };

export class UploadFlow {
  private current: FlowState = START;
  private readonly listeners = new Set<() => void>();
  private scanner: ScanService | null = null;
  private findings = new Findings();
  private directory: FileSystemDirectoryHandle | null = null;
  private leaveSender: () => void = () => undefined;
  /** Series somebody has unticked; kept here so that adding files does not tick them again. */
  unticked: ReadonlySet<string> = new Set();

  readonly state = (): FlowState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Forgets everything on the page. An upload that was begun stays resumable. */
  startOver(): void {
    this.leaveSender();
    if (this.current.step === 'SEND') this.current.sender.pause();
    this.scanner?.close();
    this.scanner = null;
    this.findings = new Findings();
    this.directory = null;
    this.unticked = new Set();
    this.become(START);
  }

  /** The next files dropped belong to this upload. */
  resume(saved: SavedUpload): void {
    this.become({ step: 'CHOOSE', resuming: saved, problem: null });
  }

  /** Reads the headers of newly chosen files; adds to what is already under review. */
  async take(files: readonly DroppedFile[], directory: FileSystemDirectoryHandle | null): Promise<void> {
    if (files.length === 0 || (this.current.step !== 'CHOOSE' && this.current.step !== 'REVIEW')) return;
    const resuming = this.current.step === 'CHOOSE' ? this.current.resuming : null;
    // A second scan has its own worker; the first one's archives must stay readable, so it is kept.
    const scanner = this.scanner ?? createScanService();
    this.scanner = scanner;
    this.directory = this.findings.instances.length === 0 ? directory : null;
    this.become({ step: 'SCAN', scanned: 0, total: files.length, images: 0 });
    try {
      await scanner.scan(files, (news) => {
        this.findings.add(news.found, news.setAside);
        this.become({ step: 'SCAN', scanned: news.scanned, total: news.total, images: this.findings.instances.length });
      });
    } catch (problem) {
      this.become({ step: 'CHOOSE', resuming, problem });
      return;
    }
    if (resuming === null) this.review();
    else await this.goOn(resuming);
  }

  /** Announces the chosen instances and begins to send. Throws `ApiError`: then the review stays as it is. */
  async send(choice: SendChoice): Promise<void> {
    const { setAside } = this.findings;
    const created = await createUpload({ ...choice, refused: setAside.map(({ name, reason }) => ({ name, reason })) });
    const dicomwebPath = pathOf(created.dicomweb_url);
    await saveUpload({
      uploadId: created.upload_id,
      owner: ownerKey(),
      createdAt: Date.now(),
      dicomwebPath,
      instances: choice.instances.map(({ sopInstanceUid, studyInstanceUid, seriesInstanceUid, bytes }) => ({
        sopInstanceUid, studyInstanceUid, seriesInstanceUid, bytes,
      })),
      directory: this.directory,
    });
    this.begin(created.upload_id, dicomwebPath, choice.instances, new Set(created.missing));
  }

  /** The person says that nothing more will come; what is missing stays missing. */
  async finish(): Promise<void> {
    const state = this.current;
    if (state.step !== 'SEND' || state.finishing) return;
    this.become({ ...state, finishing: true, problem: null });
    try {
      const receipt = await finishUpload(state.uploadId);
      await forgetUpload(state.uploadId);
      this.leaveSender();
      this.become({ step: 'RECEIPT', receipt, names: new Map(this.findings.instances.map((each) => [each.sopInstanceUid, each.name])) });
      this.scanner?.close();
      this.scanner = null;
    } catch (problem) {
      this.become({ ...state, finishing: false, problem });
    }
  }

  /** Shows the receipt of an upload left open without sending more. */
  async finishSaved(saved: SavedUpload): Promise<void> {
    const receipt = await finishUpload(saved.uploadId);
    await forgetUpload(saved.uploadId);
    this.become({ step: 'RECEIPT', receipt, names: new Map() });
  }

  private review(): void {
    const patients = groupByPatient(this.findings.instances);
    this.become({ step: 'REVIEW', patients, setAside: [...this.findings.setAside] });
  }

  /** Sends what the program still misses of an upload begun earlier. */
  private async goOn(saved: SavedUpload): Promise<void> {
    try {
      const receipt = await readReceipt(saved.uploadId);
      const missing = new Set(receipt.instances.filter((each) => each.outcome === 'MISSING').map((each) => each.sop_instance_uid));
      const here = matchSaved(saved, this.findings.instances);
      if (!here.some((each) => missing.has(each.sopInstanceUid)) && missing.size > 0) {
        throw new NothingToResume();
      }
      this.begin(saved.uploadId, saved.dicomwebPath, here, missing);
    } catch (problem) {
      this.findings = new Findings();
      this.become({ step: 'CHOOSE', resuming: saved, problem });
    }
  }

  private begin(uploadId: string, dicomwebPath: string, instances: readonly FoundInstance[], missing: ReadonlySet<string>): void {
    const scanner = this.scanner ?? createScanService();
    const sender = new Sender<FoundInstance>(
      {
        open: (instance) => scanner.open(instance.content),
        send: (files, about) => sendBatch({ uploadId, dicomwebPath }, files, about),
        receipt: () => readReceipt(uploadId),
        now: () => Date.now(),
        sleep: interruptibleSleep,
      },
      instances,
      missing,
    );
    const here = new Set(instances.map((each) => each.sopInstanceUid));
    const absent = [...missing].filter((uid) => !here.has(uid)).length;
    const leave = sender.subscribe(() => {
      const { phase, unsent, progress } = sender.state();
      showActivity({
        label: i18next.t(`upload.send.phase.${phase}`),
        percent: progress.bytes === 0 ? 100 : (progress.bytesDone / progress.bytes) * 100,
        troubled: phase === 'STOPPED' || (phase === 'DONE' && unsent.length + absent > 0),
        to: '/upload',
      });
      // Everything announced has an outcome: the receipt needs nobody's consent.
      if (phase === 'DONE' && unsent.length + absent === 0) void this.finish();
    });
    this.leaveSender = () => {
      leave();
      showActivity(null);
    };
    this.become({ step: 'SEND', uploadId, sender, patients: groupByPatient(instances), absent, finishing: false, problem: null });
    sender.start();
  }

  private become(state: FlowState): void {
    this.current = state;
    for (const listener of Array.from(this.listeners)) listener();
  }
}

/** The chosen files hold nothing the upload still needs. */
export class NothingToResume extends Error {
  constructor() {
    super('none of the missing images is among these files');
    this.name = 'NothingToResume';
  }
}

export function ownerKey(): string {
  const state = session.state();
  if (state.kind !== 'SIGNED_IN' && state.kind !== 'EXPIRED') return '';
  return `${state.session.user.id} ${state.session.tenant?.slug ?? ''}`;
}

/** The program names its public address; the page may have reached it by another one. */
export function pathOf(url: string): string {
  return new URL(url, window.location.origin).pathname.replace(/\/$/, '');
}

/** Waits; ends early when aborted, or when the network comes back. */
function interruptibleSleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      window.removeEventListener('online', wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    window.addEventListener('online', wake);
    signal.addEventListener('abort', wake);
  });
}

export const uploadFlow = new UploadFlow();

// Whoever signs out takes their files along.
session.subscribe(() => {
  if (session.state().kind === 'SIGNED_OUT' && uploadFlow.state() !== START) uploadFlow.startOver();
});

export function totalBytes(patients: readonly PatientGroup[]): number {
  return bytesOf(patients.flatMap((patient) => patient.studies.flatMap((study) => study.series)));
}
