/** What was deleted, until when it can be restored, and the way back. */
import { Badge, Button, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconTrashOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { dataOf } from '@/api/graphql';
import { useLiveQuery } from '@/api/useLive';
import { formatBytes, formatDateTime, formatDicomDate, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { DELETED_STUDIES, type DeletedStudyRow, RESTORE_STUDY } from './admin.queries';
import { confirmThen } from './confirm';

const PAGE = 50;

export function TrashScreen() {
  const { t } = useTranslation();
  const [first, setFirst] = useState(PAGE);
  const [result, reload] = useLiveQuery({ query: DELETED_STUDIES, variables: { first } }, ['STUDY']);
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <Page title={t('admin.trash.title')}>
      <Text size="sm" c="dimmed" maw={720}>{t('admin.trash.text')}</Text>
      <Loaded result={result} onRetry={refresh}>
        {({ deletedStudies: { nodes, hasNextPage } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={<IconTrashOff size={36} />} title={t('admin.trash.empty')} />
          ) : (
            <Stack align="flex-start">
              <Deleted rows={nodes} onChanged={refresh} />
              {hasNextPage && <Button variant="default" size="xs" onClick={() => setFirst(first + PAGE)}>{t('admin.trash.more')}</Button>}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function Deleted({ rows, onChanged }: { rows: readonly DeletedStudyRow[]; onChanged: () => void }) {
  const { t } = useTranslation();
  const [, restoreStudy] = useMutation(RESTORE_STUDY);
  const [restore, busy] = useAction(async (id: string) => {
    dataOf(await restoreStudy({ input: { deletionId: id } }));
    onChanged();
  }, t('admin.trash.restored'));
  const ask = (row: DeletedStudyRow) => confirmThen(t('admin.trash.restoreTitle'), t('admin.trash.restoreText'), t('admin.trash.restore'), () => void restore(row.id));
  const columns: Column<DeletedStudyRow>[] = [
    { key: 'patient', title: t('admin.trash.patient'), heading: true, render: (row) => <>{row.patientName} <Text span inherit c="dimmed">{row.patientId}</Text></> },
    { key: 'study', title: t('admin.trash.study'), render: (row) => [row.modalities.join(' '), row.description, formatDicomDate(row.studyDate)].filter(Boolean).join(' · ') },
    { key: 'part', title: '', render: (row) => `${t(`admin.trash.part.${row.part}`)}, ${formatNumber(row.instanceCount)} · ${formatBytes(row.bytes)}` },
    { key: 'at', title: t('admin.trash.deleted'), render: (row) => formatDateTime(row.deletedAt) },
    { key: 'by', title: t('admin.trash.by'), render: (row) => row.deletedBy },
    { key: 'reason', title: t('admin.trash.reason'), render: (row) => row.reason },
    {
      key: 'removal',
      title: t('admin.trash.removal'),
      render: (row) => (row.onLegalHold ? <Badge color="yellow">{t('admin.trash.onHold')}</Badge> : formatDateTime(row.purgeAt)),
    },
    {
      key: 'act',
      title: '',
      align: 'right',
      render: (row) => (
        <Button size="compact-xs" variant="subtle" disabled={busy} leftSection={<IconArrowBackUp size={14} />} onClick={() => ask(row)} aria-label={`${t('admin.trash.restore')}: ${row.patientName}`}>
          {t('admin.trash.restore')}
        </Button>
      ),
    },
  ];
  return <RecordTable label={t('admin.trash.title')} rows={rows} columns={columns} rowKey={(row) => row.id} />;
}
