/** Background work: how much waits, and what has failed for good and why. */
import { Badge, Button, Group, SegmentedControl, SimpleGrid, Text } from '@mantine/core';
import { IconCheck, IconRefresh } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { dataOf } from '@/api/graphql';
import { useLiveQuery } from '@/api/useLive';
import type { JobState } from '@/gql/enums';
import { formatDateTime, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { type JobRow, JOBS, RETRY_JOB } from './admin.queries';
import { Figure } from './Figure';
import { JOB_STATES, type JobsSearch } from './adminSearch';

const COLORS: Record<JobState, string> = { QUEUED: 'gray', RUNNING: 'cyan', DONE: 'green', DEAD: 'red' };
const PAGE = 100;

export function JobsScreen() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as JobsSearch;
  const navigate = useNavigate();
  const state = search.state ?? 'DEAD';
  const [first, setFirst] = useState(PAGE);
  const [result, reload] = useLiveQuery({ query: JOBS, variables: { state, first } }, ['JOB']);
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [, retryJob] = useMutation(RETRY_JOB);
  const [retry, busy] = useAction(async (id: string) => {
    dataOf(await retryJob({ input: { jobId: id } }));
    refresh();
  }, t('admin.jobs.retried'));

  const columns: Column<JobRow>[] = [
    { key: 'kind', title: t('admin.jobs.kind'), render: (row) => <Text span inherit fw={500}>{row.kind}</Text> },
    { key: 'subject', title: t('admin.jobs.subject'), render: (row) => <Text span inherit ff="monospace" size="xs">{row.subject ?? t('common.none')}</Text> },
    { key: 'state', title: t('admin.state'), render: (row) => <Badge color={COLORS[row.state]}>{t(`admin.jobs.state.${row.state}`)}</Badge> },
    { key: 'attempts', title: t('admin.jobs.attempts'), align: 'right', render: (row) => t('admin.jobs.attemptsOf', { done: row.attempts, most: row.maxAttempts }) },
    { key: 'when', title: t('admin.jobs.when'), render: (row) => formatDateTime(row.finishedAt ?? row.runAt) },
    { key: 'error', title: t('admin.jobs.lastError'), render: (row) => <Text span inherit style={{ overflowWrap: 'anywhere' }}>{row.lastError ?? t('common.none')}</Text> },
    {
      key: 'act',
      title: '',
      align: 'right',
      render: (row) =>
        row.state === 'DEAD' && (
          <Button size="compact-xs" variant="light" disabled={busy} leftSection={<IconRefresh size={14} />} onClick={() => void retry(row.id)} aria-label={`${t('admin.jobs.retry')}: ${row.kind} ${row.id}`}>
            {t('admin.jobs.retry')}
          </Button>
        ),
    },
  ];

  return (
    <Page title={t('admin.jobs.title')}>
      <Loaded result={result} onRetry={refresh}>
        {({ jobs }) => (
          <>
            <SimpleGrid cols={{ base: 2, sm: 4 }} maw={760} spacing="xs">
              <Figure label={t('admin.jobs.state.QUEUED')} value={formatNumber(jobs.counts.queued)} />
              <Figure label={t('admin.jobs.state.RUNNING')} value={formatNumber(jobs.counts.running)} />
              <Figure label={t('admin.jobs.state.DEAD')} value={formatNumber(jobs.counts.dead)} tone={jobs.counts.dead > 0 ? 'bad' : undefined} />
              <Figure label={t('admin.jobs.doneLastDay')} value={formatNumber(jobs.counts.doneLastDay)} />
            </SimpleGrid>
            <SegmentedControl
              size="xs"
              aria-label={t('admin.state')}
              style={{ alignSelf: 'flex-start' }}
              value={state}
              onChange={(value) => void navigate({ to: '/admin/jobs', search: { state: value as JobState }, replace: true })}
              data={JOB_STATES.map((value) => ({ value, label: t(`admin.jobs.state.${value}`) }))}
            />
            {jobs.nodes.length === 0 ? (
              <EmptyState icon={<IconCheck size={36} />} title={state === 'DEAD' ? t('admin.jobs.noneDead') : t('admin.jobs.none')} />
            ) : (
              <RecordTable label={t('admin.jobs.title')} rows={jobs.nodes} columns={columns} rowKey={(row) => row.id} />
            )}
            {jobs.hasNextPage && first < 500 && (
              <Group><Button size="xs" variant="default" onClick={() => setFirst(first + PAGE)}>{t('common.more')}</Button></Group>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}
