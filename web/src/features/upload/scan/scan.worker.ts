/** The worker's side of `scanClient.ts`. */
import { Scanner, type Content, type DroppedFile, type ScanReport } from './scanner';

export type ToWorker = { kind: 'scan'; files: DroppedFile[] } | { kind: 'open'; request: number; content: Content };
export type FromWorker =
  | { kind: 'report'; report: ScanReport }
  | { kind: 'scanned' }
  | { kind: 'opened'; request: number; blob: Blob }
  | { kind: 'unreadable'; request: number };

const scanner = new Scanner();
const tell = (message: FromWorker) => self.postMessage(message);

self.addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'scan') {
    await scanner.scan(data.files, (report) => tell({ kind: 'report', report }));
    tell({ kind: 'scanned' });
    return;
  }
  try {
    tell({ kind: 'opened', request: data.request, blob: await scanner.open(data.content) });
  } catch {
    tell({ kind: 'unreadable', request: data.request });
  }
});
