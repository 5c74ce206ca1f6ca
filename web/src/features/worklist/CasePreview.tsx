import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconLock, IconLockOpen, IconPhoto } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useLiveQuery } from '@/api/useLive';
import { readFragment } from '@/gql';
import type { ClockOwner } from '@/gql/enums';
import { AuthorisedImage } from '@/ui/AuthorisedImage';
import { formatDicomDate, formatDuration, formatTime } from '@/ui/format';
import { Loaded } from '@/ui/State';
import { PriorityCell, studyText, TimeLeftCell } from './cells';
import { ownerShares } from './model/clock';
import { signedPreliminary } from './model/secondReader';
import classes from './worklist.module.css';
import { CASE_PREVIEW, WORKLIST_ROW } from './worklist.queries';

interface CasePreviewProps {
  caseId: string;
  userId: string;
  onClaim: () => void;
  onRelease: () => void;
}

/** The case under the cursor: enough to decide whether it is the next one. */
export function CasePreview({ caseId, userId, onClaim, onRelease }: CasePreviewProps) {
  const { t } = useTranslation();
  const [result, reload] = useLiveQuery({ query: CASE_PREVIEW, variables: { id: caseId } }, ['CASE'], caseId);
  return (
    <Loaded result={result} onRetry={() => reload({ requestPolicy: 'network-only' })}>
      {({ case: found }) => {
        if (!found) return <Text c="dimmed" p="md">{t('worklist.gone')}</Text>;
        const row = readFragment(WORKLIST_ROW, found);
        if (row.id !== caseId) return null;
        const mine = row.holder?.userId === userId;
        const claimable = !row.holder && !signedPreliminary(row.report?.versions ?? [], userId) && ['READY_TO_READ', 'ASSIGNED', 'PRELIM_SIGNED'].includes(row.state);
        return (
          <Stack gap="md" p="md">
            <div>
              <Group justify="space-between" wrap="nowrap" gap="xs">
                <Text span size="xs"><PriorityCell row={row} /></Text>
                <Text span size="sm"><TimeLeftCell row={row} /></Text>
              </Group>
              <Title order={2} mt={6}>{row.patient.name}</Title>
              <Text size="sm" c="dimmed" className="tabular">
                {[row.patient.sex, row.patient.ageAtStudy, row.patient.birthDate && `* ${formatDicomDate(row.patient.birthDate)}`, row.patient.patientId]
                  .filter(Boolean).join(' · ')}
              </Text>
            </div>
            <Group gap="xs">
              <Button component={Link} to="/read/$caseId" params={{ caseId } as never} size="xs">{t('worklist.open')}</Button>
              {claimable && <Button size="xs" variant="default" leftSection={<IconLock size={14} />} onClick={onClaim}>{t('worklist.claim')}</Button>}
              {mine && <Button size="xs" variant="default" leftSection={<IconLockOpen size={14} />} onClick={onRelease}>{t('worklist.release')}</Button>}
            </Group>
            {row.holder && !mine && (
              <Text size="sm">{t('worklist.heldSince', { name: row.holder.name, at: formatTime(row.holder.since) })}</Text>
            )}
            <Fact name={t('worklist.indication')} value={row.indication} />
            <Fact
              name={t('worklist.study')}
              value={[row.study.modalities.join(' '), studyText(row.study), row.study.studyDate && formatDicomDate(row.study.studyDate), row.study.accessionNumber]
                .filter(Boolean).join(' · ')}
            />
            <ClockBar spans={found.clock.spans} targetSeconds={found.clock.targetSeconds} started={Boolean(row.dueAt)} />
            <Stack gap={6}>
              <Text size="xs" c="dimmed">{t('worklist.series', { count: found.study.series.length })}</Text>
              <div className={classes.seriesGrid}>
                {found.study.series.map((series) => (
                  <div key={series.id} className={classes.seriesCell}>
                    <AuthorisedImage src={series.thumbnailUrl} alt="" width={84} height={72} fallback={<IconPhoto size={20} stroke={1.2} color="#3a4656" aria-hidden />} />
                    <Text size="xs" truncate title={series.description ?? undefined}>{series.description || series.modality}</Text>
                    <Text size="xs" c="dimmed" className="tabular">{series.modality} · {series.instanceCount}</Text>
                  </div>
                ))}
              </div>
            </Stack>
          </Stack>
        );
      }}
    </Loaded>
  );
}

function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  const { t } = useTranslation();
  return (
    <div>
      <Text size="xs" c="dimmed">{name}</Text>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>{value || t('common.none')}</Text>
    </div>
  );
}

const OWNER_COLOR: Record<ClockOwner, string> = {
  NETWORK: '#4dabf7',
  FACILITY: '#9775fa',
  QUEUE: '#ffa94d',
  READER: '#3bc9db',
  DELIVERY: '#8ce99a',
};

/** Whose minutes they were: each owner's share of the time spent, measured against the target. */
function ClockBar({ spans, targetSeconds, started }: { spans: ReadonlyArray<{ owner: ClockOwner; seconds: number }>; targetSeconds: number; started: boolean }) {
  const { t } = useTranslation();
  const shares = ownerShares(spans, targetSeconds);
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">{t('worklist.clock')}</Text>
        <Text size="xs" c="dimmed" className="tabular">{t('worklist.target', { target: formatDuration(targetSeconds) })}</Text>
      </Group>
      <div className={classes.clock} aria-hidden>
        {shares.map(({ owner, percent }) => <span key={owner} style={{ width: `${percent}%`, background: OWNER_COLOR[owner] }} />)}
      </div>
      <Group gap="sm">
        {!started && <Text size="xs" c="dimmed">{t('worklist.noClock')}</Text>}
        {shares.map(({ owner, seconds }) => (
          <Text key={owner} size="xs" className="tabular">
            <span aria-hidden style={{ color: OWNER_COLOR[owner] }}>■ </span>
            {t(`worklist.owner.${owner}`)} {formatDuration(seconds)}
          </Text>
        ))}
      </Group>
    </Stack>
  );
}
