/** Scanning off the main thread, so that the page stays quick while thousands of headers are read. */
import type { FromWorker, ToWorker } from './scan.worker';
import type { Content, DroppedFile, ScanReport } from './scanner';

export interface ScanService {
  scan(files: readonly DroppedFile[], report: (news: ScanReport) => void): Promise<void>;
  open(content: Content): Promise<Blob>;
  /** Gives back memory; archives opened by this service cannot be read any more. */
  close(): void;
}

export function createScanService(): ScanService {
  // Where workers are not to be had (some locked-down browsers), the page itself scans.
  if (typeof Worker === 'undefined') return inPlace();
  return new WorkerScan(new Worker(new URL('./scan.worker.ts', import.meta.url), { type: 'module' }));
}

function inPlace(): ScanService {
  // Loaded only here: the worker has its own copy.
  const loading = import('./scanner').then(({ Scanner }) => new Scanner());
  return {
    scan: async (files, report) => (await loading).scan(files, report),
    open: async (content) => (await loading).open(content),
    close: () => undefined,
  };
}

class WorkerScan implements ScanService {
  private requests = 0;
  private readonly waiting = new Map<number, { resolve: (blob: Blob) => void; reject: (cause: Error) => void }>();
  private report: (news: ScanReport) => void = () => undefined;
  private settle: { done: () => void; failed: (cause: Error) => void } | null = null;

  constructor(private readonly worker: Worker) {
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.heed(data));
    worker.addEventListener('error', (event) => {
      this.settle?.failed(new Error(event.message));
      for (const { reject } of this.waiting.values()) reject(new Error('the scanner has stopped'));
      this.waiting.clear();
    });
  }

  scan(files: readonly DroppedFile[], report: (news: ScanReport) => void): Promise<void> {
    this.report = report;
    return new Promise((done, failed) => {
      this.settle = { done, failed };
      this.ask({ kind: 'scan', files: [...files] });
    });
  }

  open(content: Content): Promise<Blob> {
    if (content.kind === 'file') return Promise.resolve(content.file);
    return new Promise((resolve, reject) => {
      this.requests += 1;
      this.waiting.set(this.requests, { resolve, reject });
      this.ask({ kind: 'open', request: this.requests, content });
    });
  }

  close(): void {
    this.worker.terminate();
  }

  private heed(message: FromWorker): void {
    switch (message.kind) {
      case 'report':
        this.report(message.report);
        break;
      case 'scanned':
        this.settle?.done();
        break;
      case 'opened':
        this.waiting.get(message.request)?.resolve(message.blob);
        this.waiting.delete(message.request);
        break;
      case 'unreadable':
        this.waiting.get(message.request)?.reject(new Error('the file cannot be read any more'));
        this.waiting.delete(message.request);
        break;
    }
  }

  private ask(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}
