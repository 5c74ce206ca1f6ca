/** The facility's cases: what is being received and read, what has come back. */
import { Anchor, Button, Group, NativeSelect, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileText, IconInbox, IconSearch, IconUpload } from '@tabler/icons-react';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { useLiveQuery, useSession } from '@/api/useLive';
import { formatDicomDate, formatDuration, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { type CaseRow, CASES } from './cases.queries';
import { type CaseGroup, type CasesSearch, GROUPS, statesOf } from './casesSearch';
import { CaseStateBadge, PriorityBadge, TimeLeft } from './signs';

const PAGE = 100;
const MOST = 500;

export function CasesScreen() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as CasesSearch;
  const navigate = useNavigate();
  const { role } = useSession();
  // What people search for is a patient's name: it stays out of the address.
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text.trim(), 250);
  const [first, setFirst] = useState(PAGE);
  const group = search.show ?? 'open';
  const filter = useMemo(
    () => ({ states: statesOf(group), facilityId: search.facility ?? null, text: sought === '' ? null : sought }),
    [group, search.facility, sought],
  );
  const [result, reload] = useLiveQuery({ query: CASES, variables: { filter, first } }, ['CASE', 'STUDY']);
  const [{ data: choices }] = useQuery({ query: FACILITY_CHOICES });
  const facilities = choices?.facilities ?? [];
  const show = (next: CasesSearch) => void navigate({ to: '/cases', search: { ...search, ...next }, replace: true });
  const columns = useColumns();

  return (
    <Page
      title={t('cases.title')}
      actions={role !== 'RADIOLOGIST' && <Button component={Link} to="/upload" leftSection={<IconUpload size={16} />}>{t('cases.send')}</Button>}
    >
      <Group gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t('cases.show')}
          value={group}
          onChange={(value) => show({ show: value as CaseGroup })}
          data={GROUPS.map((value) => ({ value, label: t(`cases.group.${value}`) }))}
        />
        {facilities.length > 1 && (
          <NativeSelect
            size="xs"
            aria-label={t('cases.facility')}
            value={search.facility ?? ''}
            onChange={(event) => show({ facility: event.currentTarget.value === '' ? undefined : event.currentTarget.value })}
            data={[{ value: '', label: t('cases.allFacilities') }, ...facilities.map(({ id, name }) => ({ value: id, label: name }))]}
          />
        )}
        <TextInput
          size="xs"
          w={260}
          type="search"
          autoComplete="off"
          aria-label={t('cases.search')}
          placeholder={t('cases.search')}
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </Group>
      <Loaded result={result} onRetry={reload}>
        {({ worklist }) =>
          worklist.nodes.length === 0 ? (
            <EmptyState icon={<IconInbox size={36} />} title={sought === '' ? t('cases.empty') : t('cases.noneFound')}>
              {sought === '' ? t('cases.emptyText') : t('cases.noneFoundText')}
            </EmptyState>
          ) : (
            <>
              <RecordTable
                label={t('cases.title')}
                rows={worklist.nodes}
                columns={columns}
                rowKey={(row) => row.id}
                tone={(row) => (row.breached && row.report === null ? 'overdue' : undefined)}
              />
              <Group justify="space-between">
                <Text size="sm" c="dimmed" aria-live="polite">{t('cases.count', { shown: formatNumber(worklist.nodes.length), count: worklist.totalCount })}</Text>
                {worklist.hasNextPage && first < MOST && <Button size="xs" variant="default" onClick={() => setFirst(first + PAGE)}>{t('common.more')}</Button>}
              </Group>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function useColumns(): Column<CaseRow>[] {
  const { t } = useTranslation();
  return useMemo(
    () => [
      { key: 'priority', title: t('cases.priority'), width: 150, render: (row) => <PriorityBadge priority={row.priority} flag={row.protocolFlag} /> },
      {
        key: 'patient',
        title: t('cases.patient'),
        heading: true,
        render: (row) => (
          <>
            <Anchor component={Link} to="/cases/$caseId" params={{ caseId: row.id } as never} size="sm" fw={500}>{row.patient.name}</Anchor>
            <Text size="xs" c="dimmed">{[row.patient.patientId, row.patient.ageAtStudy, row.patient.sex].filter(Boolean).join(' · ')}</Text>
          </>
        ),
      },
      {
        key: 'study',
        title: t('cases.study'),
        render: (row) => (
          <>
            <Text span inherit fw={500} mr={6}>{row.study.modalities.join(' ')}</Text>
            {row.study.description ?? row.study.bodyPart ?? ''}
            <Text size="xs" c="dimmed">{[formatDicomDate(row.study.studyDate), row.study.accessionNumber].filter(Boolean).join(' · ')}</Text>
          </>
        ),
      },
      { key: 'facility', title: t('cases.facility'), render: (row) => row.facility.name },
      { key: 'images', title: t('cases.images'), align: 'right', render: (row) => <Received row={row} /> },
      { key: 'state', title: t('cases.stateTitle'), render: (row) => <StateCell row={row} /> },
      { key: 'time', title: t('cases.time'), width: 130, render: (row) => <TimeCell row={row} /> },
      { key: 'report', title: t('cases.report'), render: (row) => <ReportCell row={row} /> },
    ],
    [t],
  );
}

function Received({ row }: { row: CaseRow }) {
  const { t } = useTranslation();
  if (row.receivedPercent !== null && row.receivedPercent !== undefined && row.receivedPercent < 100) {
    return <>{t('cases.received', { percent: row.receivedPercent, count: row.receivedCount })}</>;
  }
  return <>{formatNumber(row.receivedCount)}</>;
}

function StateCell({ row }: { row: CaseRow }) {
  return (
    <>
      <CaseStateBadge state={row.state} />
      {row.holder !== null && row.holder !== undefined && <Text size="xs" c="dimmed">{row.holder.name}</Text>}
    </>
  );
}

/** While it runs, what is left; afterwards, how long it took. */
function TimeCell({ row }: { row: CaseRow }) {
  const { t } = useTranslation();
  if (row.clock.state === 'STOPPED') return <Text span inherit c="dimmed">{t('cases.took', { time: formatDuration(row.clock.elapsedSeconds) })}</Text>;
  if (row.dueAt === null || row.dueAt === undefined) return <>{t('common.none')}</>;
  return <TimeLeft dueAt={row.dueAt} />;
}

function ReportCell({ row }: { row: CaseRow }) {
  const { t } = useTranslation();
  if (row.report === null || row.report === undefined) return <Text span inherit c="dimmed">{t('common.none')}</Text>;
  const unread = row.deliveries.some((delivery) => delivery.channel === 'PORTAL' && delivery.state === 'DELIVERED');
  return (
    <Group gap={6} wrap="nowrap">
      <IconFileText size={16} aria-hidden />
      <Text span inherit fw={unread ? 600 : 400}>
        {t(`cases.reportState.${row.report.state}`)}
        {unread && ` · ${t('cases.unread')}`}
      </Text>
    </Group>
  );
}
