/** One case: who, what, how far, whose minutes, and the report. */
import { Alert, Anchor, Badge, Button, Card, Grid, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArchive, IconArrowLeft, IconDownload, IconEye, IconPhoto } from '@tabler/icons-react';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { authorisedBlob } from '@/api/authorised';
import { dataOf } from '@/api/graphql';
import { useLiveQuery, useSession } from '@/api/useLive';
import type { Priority } from '@/gql/enums';
import { AuthorisedImage } from '@/ui/AuthorisedImage';
import { formatBytes, formatDateTime, formatDicomDate, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { Loaded } from '@/ui/State';
import { notifyWarning } from '@/ui/notify';
import { saveAs } from '@/ui/saveAs';
import { useAction } from '@/ui/useAction';
import { Deliveries } from './Deliveries';
import { CASE, type CaseDetail, RECALL_STUDY, SET_PRIORITY } from './cases.queries';
import { ClockPanel } from './ClockPanel';
import { ReportPanel } from './ReportPanel';
import { SendTo } from './SendTo';
import { StudyLife } from './StudyLife';
import { CaseStateBadge, PriorityBadge, TimeLeft } from './signs';

export function CaseScreen() {
  const { t } = useTranslation();
  const { caseId } = useParams({ strict: false }) as { caseId: string };
  const [result, reload] = useLiveQuery({ query: CASE, variables: { id: caseId } }, ['CASE'], caseId);
  return (
    <Page
      title={t('cases.one')}
      actions={
        <Anchor component={Link} to="/cases" size="sm">
          <Group gap={4}><IconArrowLeft size={15} aria-hidden />{t('cases.backToAll')}</Group>
        </Anchor>
      }
    >
      <Loaded result={result} onRetry={reload}>
        {({ case: detail }) => <CaseContent detail={detail} onChanged={reload} />}
      </Loaded>
    </Page>
  );
}

function CaseContent({ detail, onChanged }: { detail: CaseDetail; onChanged: () => void }) {
  const { t } = useTranslation();
  const { role } = useSession();
  return (
    <Grid gap="md">
      <Grid.Col span={12}>
        <Heading detail={detail} />
      </Grid.Col>
      {detail.lateImages && (
        <Grid.Col span={12}>
          <Alert role="alert" color="yellow" icon={<IconAlertTriangle size={18} />}>{t('cases.lateImages')}</Alert>
        </Grid.Col>
      )}
      <Grid.Col span={{ base: 12, md: 7 }}>
        <Stack gap="md">
          <ReportPanel detail={detail} onChanged={onChanged} />
          <ClockPanel clock={detail.clock} dueAt={detail.dueAt} />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 5 }}>
        <Stack gap="md">
          <StudyCard detail={detail} onChanged={onChanged} />
          <Deliveries deliveries={detail.deliveries} />
          {role === 'TENANT_ADMIN' && <StudyLife detail={detail} onChanged={onChanged} />}
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

function Heading({ detail }: { detail: CaseDetail }) {
  const { t } = useTranslation();
  const { role } = useSession();
  const { patient, study } = detail;
  return (
    <Card>
      <Group justify="space-between" gap="md">
        <div>
          <Text size="xl" fw={600}>{patient.name}</Text>
          <Text size="sm" c="dimmed">
            {[patient.patientId, patient.issuer, formatDicomDate(patient.birthDate), patient.ageAtStudy, patient.sex].filter(Boolean).join(' · ')}
          </Text>
          <Text mt={4}>
            <Text span fw={500}>{study.modalities.join(' ')}</Text> {study.description ?? study.bodyPart} · {formatDicomDate(study.studyDate)} · {detail.facility.name}
          </Text>
        </div>
        <Stack gap={6} align="flex-end">
          <Group gap="xs">
            <PriorityBadge priority={detail.priority} flag={detail.protocolFlag} />
            <CaseStateBadge state={detail.state} />
            {detail.breached && <Badge color="red" leftSection={<IconAlertTriangle size={12} aria-hidden />}>{t('cases.breached')}</Badge>}
          </Group>
          {detail.dueAt !== null && detail.dueAt !== undefined && detail.clock.state !== 'STOPPED' && <TimeLeft dueAt={detail.dueAt} />}
          {detail.holder !== null && detail.holder !== undefined && <Text size="sm" c="dimmed">{t('cases.heldBy', { name: detail.holder.name })}</Text>}
          {role === 'RADIOLOGIST' && (
            <Anchor href={`/read/${detail.id}`} size="sm"><Group gap={4}><IconEye size={15} aria-hidden />{t('cases.openImages')}</Group></Anchor>
          )}
        </Stack>
      </Group>
    </Card>
  );
}

/** States in which the urgency can still matter. */
const BEFORE_SIGNED = new Set<CaseDetail['state']>(['EXPECTED', 'RECEIVING', 'UNMATCHED', 'QC_HOLD', 'READY_TO_READ', 'ASSIGNED', 'IN_PROGRESS', 'ON_HOLD']);

function StudyCard({ detail, onChanged }: { detail: CaseDetail; onChanged: () => void }) {
  const { t } = useTranslation();
  const { role } = useSession();
  const { study } = detail;
  return (
    <Card component="section" aria-label={t('cases.study')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text fw={600}>{t('cases.study')}</Text>
          <Text size="sm" c="dimmed" className="tabular">
            {t('cases.imagesOf', { series: formatNumber(study.seriesCount), count: study.instanceCount, images: formatNumber(study.instanceCount), bytes: formatBytes(study.bytes) })}
          </Text>
        </Group>
        {detail.receivedPercent !== null && detail.receivedPercent !== undefined && detail.receivedPercent < 100 && (
          <Text size="sm" c="yellow.4">{t('cases.receivedOf', { got: formatNumber(detail.receivedCount), all: formatNumber(detail.expectedCount ?? 0) })}</Text>
        )}
        {detail.indication !== null && detail.indication !== undefined && (
          <div>
            <Text size="xs" c="dimmed">{t('cases.indication')}</Text>
            <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>{detail.indication}</Text>
          </div>
        )}
        <Stack gap={2} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {study.series.map((series) => (
            <Group key={series.id} component="li" gap="xs" wrap="nowrap">
              <AuthorisedImage src={series.thumbnailUrl} alt="" width={40} height={40} fallback={<IconPhoto size={16} color="var(--mantine-color-dark-3)" aria-hidden />} />
              <Text size="sm" flex={1} truncate>{[series.number, series.modality, series.description].filter((part) => part !== null && part !== undefined).join(' ')}</Text>
              <Text size="sm" c="dimmed" className="tabular">{formatNumber(series.instanceCount)}</Text>
            </Group>
          ))}
        </Stack>
        {role !== 'RADIOLOGIST' && <SendTo studyId={study.id} />}
        <DownloadStudy study={study} />
        {study.availability !== 'ONLINE' && <Recall study={study} onChanged={onChanged} />}
        {role !== 'RADIOLOGIST' && BEFORE_SIGNED.has(detail.state) && <PriorityChoice detail={detail} onChanged={onChanged} />}
      </Stack>
    </Card>
  );
}

function Recall({ study, onChanged }: { study: CaseDetail['study']; onChanged: () => void }) {
  const { t } = useTranslation();
  const [, recallStudy] = useMutation(RECALL_STUDY);
  const [recall, busy] = useAction(async () => {
    dataOf(await recallStudy({ input: { studyId: study.id } }));
    onChanged();
  }, t('cases.recalled'));
  const since = study.recallRequestedAt;
  const isOffline = study.availability === 'OFFLINE';
  return (
    <Alert color={isOffline ? 'yellow' : 'blue'} icon={<IconArchive size={18} />}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t(isOffline ? 'cases.offline' : 'cases.nearline')}</Text>
        {since !== null && since !== undefined
          ? <Text size="sm" fw={600}>{t('cases.recallPending', { since: formatDateTime(since) })}</Text>
          : <Button size="xs" variant="default" disabled={busy} onClick={() => void recall()}>{t('cases.recall')}</Button>}
      </Stack>
    </Alert>
  );
}

/** The files and a DICOMDIR, as a CD has them. */
function DownloadStudy({ study }: { study: CaseDetail['study'] }) {
  const { t } = useTranslation();
  const [download, busy] = useAction(async () => {
    const zip = await authorisedBlob(`/exports/${study.studyInstanceUid}`);
    saveAs(zip, `${study.id}.zip`);
    if (await saysWhatIsMissing(zip)) notifyWarning(t('cases.downloadIncomplete'));
  });
  return (
    <Button size="xs" variant="default" loading={busy} disabled={study.instanceCount === 0} leftSection={<IconDownload size={16} aria-hidden />} onClick={() => void download()}>
      {t('cases.downloadStudy')}
    </Button>
  );
}

/** Whether the last file of the ZIP is the list of what is not in it; its name stands near the end, in the table of contents. */
async function saysWhatIsMissing(zip: Blob): Promise<boolean> {
  return (await zip.slice(-512).text()).includes('LEFTOUT.TXT');
}

function PriorityChoice({ detail, onChanged }: { detail: CaseDetail; onChanged: () => void }) {
  const { t } = useTranslation();
  const [, setPriority] = useMutation(SET_PRIORITY);
  const [change, busy] = useAction(async (priority: Priority) => {
    dataOf(await setPriority({ input: { caseId: detail.id, priority, protocolFlag: detail.protocolFlag ?? null } }));
    onChanged();
  }, t('cases.priorityChanged'));
  return (
    <NativeSelect
      size="xs"
      label={t('cases.changePriority')}
      disabled={busy}
      value={detail.priority}
      onChange={(event) => void change(event.currentTarget.value as Priority)}
      data={(['ROUTINE', 'URGENT', 'ASAP', 'STAT'] as const).map((value) => ({ value, label: t(`common.priority.${value}`) }))}
    />
  );
}
