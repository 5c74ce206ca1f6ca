/** Images that came under an identifier the archive already holds, with other content. */
import { Text, Tooltip } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { messageOfCode } from '@/api/errors';
import { useLiveQuery } from '@/api/useLive';
import { formatBytes, formatDateTime } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { QUARANTINE, type QuarantineRow } from './admin.queries';

export function QuarantineScreen() {
  const { t } = useTranslation();
  const [result, reload] = useLiveQuery({ query: QUARANTINE }, ['STUDY', 'UPLOAD']);
  const columns: Column<QuarantineRow>[] = [
    { key: 'at', title: t('admin.quarantine.receivedAt'), render: (row) => formatDateTime(row.receivedAt) },
    { key: 'facility', title: t('cases.facility'), render: (row) => row.facility ?? t('common.none') },
    { key: 'reason', title: t('admin.quarantine.reason'), heading: true, render: (row) => (/^[A-Z_]+$/.test(row.reason) ? messageOfCode(row.reason) : row.reason) },
    { key: 'sop', title: 'SOP Instance UID', render: (row) => <Uid value={row.sopInstanceUid} /> },
    { key: 'study', title: 'Study Instance UID', render: (row) => <Uid value={row.studyInstanceUid} /> },
    { key: 'bytes', title: t('upload.review.size'), align: 'right', render: (row) => formatBytes(row.bytes) },
    {
      key: 'sha256',
      title: 'SHA-256',
      render: (row) => (
        <Tooltip label={row.sha256} multiline maw={420}>
          <Text span ff="monospace" size="xs" c="dimmed">{row.sha256.slice(0, 12)}…</Text>
        </Tooltip>
      ),
    },
  ];
  return (
    <Page title={t('admin.quarantine.title')}>
      <Text size="sm" c="dimmed" maw={720}>{t('admin.quarantine.text')}</Text>
      <Loaded result={result} onRetry={reload}>
        {({ quarantine }) =>
          quarantine.length === 0 ? (
            <EmptyState icon={<IconShieldCheck size={36} />} title={t('admin.quarantine.empty')} />
          ) : (
            <RecordTable label={t('admin.quarantine.title')} rows={quarantine} columns={columns} rowKey={(row) => row.id} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Uid({ value }: { value: string }) {
  return <Text span ff="monospace" size="xs" style={{ overflowWrap: 'anywhere' }}>{value}</Text>;
}
