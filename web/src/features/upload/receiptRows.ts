/** The receipt as rows, for the screen and for a spreadsheet. */
import type { Outcome, Receipt } from './send/uploadApi';

export interface ReceiptRow {
  /** File name where this page knows it, else the instance's UID. */
  name: string;
  sopInstanceUid: string;
  studyInstanceUid: string;
  outcome: Outcome | 'NOT_SENT';
  reasonCode: string;
  /** The program's own words, for a code this page does not know. */
  reason: string;
}

/** What went wrong first: the rest is as it should be. */
const ORDER: Record<ReceiptRow['outcome'], number> = { REFUSED: 0, MISSING: 1, NOT_SENT: 2, DUPLICATE: 3, STORED: 4 };

export function receiptRows(receipt: Receipt, names: ReadonlyMap<string, string>): ReceiptRow[] {
  const rows: ReceiptRow[] = receipt.instances.map((each) => ({
    name: names.get(each.sop_instance_uid) ?? each.sop_instance_uid,
    sopInstanceUid: each.sop_instance_uid,
    studyInstanceUid: each.study_instance_uid,
    outcome: each.outcome,
    reasonCode: each.reason_code ?? '',
    reason: each.reason ?? '',
  }));
  for (const file of receipt.refused_files) {
    const refused = typeof file.reason_code === 'string';
    rows.push({
      // A file sent and not readable goes by the UID it was sent under; here it has its name again.
      name: names.get(file.name) ?? file.name,
      sopInstanceUid: '',
      studyInstanceUid: '',
      outcome: refused ? 'REFUSED' : 'NOT_SENT',
      reasonCode: file.reason_code ?? file.reason,
      reason: file.reason,
    });
  }
  const byName = new Intl.Collator(undefined, { numeric: true });
  return rows.sort((a, b) => ORDER[a.outcome] - ORDER[b.outcome] || byName.compare(a.name, b.name));
}

/**
 * RFC 4180, with a byte order mark for Excel. A cell that a spreadsheet would take for a formula gets an apostrophe.
 */
export function csvOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string): string {
  const clean = value.replaceAll('\0', '');
  const harmless = /^[\s]*[=+\-@]|^[\t\r\n]/.test(clean) ? `'${clean}` : clean;
  return `"${harmless.replaceAll('"', '""')}"`;
}
