/** What became of every file. Printable, and to be kept as a table. */
import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconCircleX, IconCopy, IconDownload, IconFileOff, IconHourglass, IconPrinter, IconUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { messageOfCode } from '@/api/errors';
import { i18next } from '@/i18n';
import { en } from '@/i18n/en';
import { formatDateTime, formatNumber } from '@/ui/format';
import { uploadFlow } from './flow';
import classes from './ReceiptStep.module.css';
import { csvOf, type ReceiptRow, receiptRows } from './receiptRows';
import type { Receipt } from './send/uploadApi';

const SIGNS = {
  STORED: { color: 'green', icon: IconCheck },
  DUPLICATE: { color: 'cyan', icon: IconCopy },
  REFUSED: { color: 'red', icon: IconCircleX },
  MISSING: { color: 'orange', icon: IconHourglass },
  NOT_SENT: { color: 'gray', icon: IconFileOff },
} as const;

const ROW_HEIGHT = 30;

export function ReceiptStep({ receipt, names }: { receipt: Receipt; names: ReadonlyMap<string, string> }) {
  const { t } = useTranslation();
  const rows = useMemo(() => receiptRows(receipt, names), [receipt, names]);
  const bad = receipt.counts.refused + receipt.counts.missing;
  return (
    <Stack gap="md" maw={1100}>
      <Card>
        <Stack gap="sm">
          <Group gap="sm" role="status">
            {bad === 0 ? <IconCheck color="var(--mantine-color-green-3)" aria-hidden /> : <IconCircleX color="var(--mantine-color-orange-4)" aria-hidden />}
            <Text fw={600} size="lg">{bad === 0 ? t('upload.receipt.complete') : t('upload.receipt.incomplete', { count: bad, shown: formatNumber(bad) })}</Text>
          </Group>
          <Group gap="xs">
            <CountBadge kind="STORED" count={receipt.counts.stored} />
            <CountBadge kind="DUPLICATE" count={receipt.counts.duplicate} />
            <CountBadge kind="REFUSED" count={receipt.counts.refused} />
            <CountBadge kind="MISSING" count={receipt.counts.missing} />
            <CountBadge kind="NOT_SENT" count={rows.filter((row) => row.outcome === 'NOT_SENT').length} />
          </Group>
          <Text size="xs" c="dimmed">{t('upload.receipt.number', { id: receipt.upload_id, at: formatDateTime(receipt.created_at) })}</Text>
          <Group gap="xs" className="no-print">
            <Button leftSection={<IconUpload size={16} />} onClick={() => uploadFlow.startOver()}>{t('upload.receipt.another')}</Button>
            <Button variant="default" component={Link} to="/cases">{t('upload.receipt.toCases')}</Button>
            <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => download(receipt.upload_id, rows)}>{t('upload.receipt.csv')}</Button>
            <PrintButton />
          </Group>
        </Stack>
      </Card>
      <ReceiptList rows={rows} />
    </Stack>
  );
}

function CountBadge({ kind, count }: { kind: keyof typeof SIGNS; count: number }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  const { color, icon: Icon } = SIGNS[kind];
  return <Badge size="lg" color={color} leftSection={<Icon size={14} aria-hidden />}>{t(`upload.outcome.${kind}`)}: {formatNumber(count)}</Badge>;
}

/** Thousands of rows: only those in sight are in the page. For printing all of them are. */
function ReceiptList({ rows }: { rows: readonly ReceiptRow[] }) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const printing = usePrinting();
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 12 });
  const shown = printing ? rows.map((_, index) => ({ index, start: index * ROW_HEIGHT })) : virtual.getVirtualItems();
  return (
    <div ref={scroller} className={`${classes.scroller} print-all`} role="table" aria-label={t('upload.receipt.list')} aria-rowcount={rows.length + 1} tabIndex={0}>
      <div role="row" className={classes.head}>
        <span role="columnheader">{t('upload.receipt.outcome')}</span>
        <span role="columnheader">{t('upload.setAside.file')}</span>
        <span role="columnheader">{t('upload.setAside.reason')}</span>
      </div>
      <div style={{ height: rows.length * ROW_HEIGHT, position: 'relative' }} role="rowgroup">
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (row === undefined) return null;
          const { color, icon: Icon } = SIGNS[row.outcome];
          return (
            <div key={index} role="row" aria-rowindex={index + 2} className={classes.row} style={{ height: ROW_HEIGHT, transform: `translateY(${start}px)` }}>
              <span role="cell" className={classes.outcome}>
                <Icon size={15} color={`var(--mantine-color-${color}-4)`} aria-hidden /> {t(`upload.outcome.${row.outcome}`)}
              </span>
              <span role="cell" title={row.sopInstanceUid}>{row.name}</span>
              <span role="cell">{reasonText(row)}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** The page's own reasons have their own words; the program's are error codes. */
function reasonText({ reasonCode, reason }: ReceiptRow): string {
  if (reasonCode in en.upload.reason) return i18next.t(`upload.reason.${reasonCode as keyof typeof en.upload.reason}`);
  return reasonCode in en.error ? messageOfCode(reasonCode) : reason;
}

/** True from the moment the print dialog is asked for, so that the page has laid out every row. */
function usePrinting(): boolean {
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    const begin = () => flushSync(() => setPrinting(true));
    const end = () => setPrinting(false);
    window.addEventListener('beforeprint', begin);
    window.addEventListener('afterprint', end);
    return () => {
      window.removeEventListener('beforeprint', begin);
      window.removeEventListener('afterprint', end);
    };
  }, []);
  return printing;
}

function PrintButton() {
  const { t } = useTranslation();
  return <Button variant="default" leftSection={<IconPrinter size={16} />} onClick={() => window.print()}>{t('upload.receipt.print')}</Button>;
}

function download(uploadId: string, rows: readonly ReceiptRow[]): void {
  const { t } = i18next;
  const csv = csvOf(
    [t('upload.receipt.outcome'), t('upload.setAside.file'), 'SOP Instance UID', 'Study Instance UID', t('upload.setAside.reason'), 'Code'],
    rows.map((row) => [t(`upload.outcome.${row.outcome}`), row.name, row.sopInstanceUid, row.studyInstanceUid, reasonText(row), row.reasonCode]),
  );
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${uploadId}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
