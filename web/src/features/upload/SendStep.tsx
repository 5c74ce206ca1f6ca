/** The upload on its way: how far, how fast, how long; pause, resume, and what is wrong when it stands still. */
import { Alert, Button, Card, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle, IconPlayerPause, IconPlayerPlay, IconWifiOff } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { formatBytes, formatDicomDate, formatDuration, formatNumber, formatPersonName } from '@/ui/format';
import { ErrorNote } from '@/ui/State';
import { uploadFlow } from './flow';
import type { PatientGroup } from './model';
import type { FoundInstance } from './scan/scanner';
import type { StudyProgress } from './send/progress';
import type { Sender, SenderState } from './send/sender';

interface Props {
  sender: Sender<FoundInstance>;
  patients: readonly PatientGroup[];
  absent: number;
  finishing: boolean;
  problem: unknown;
}

export function SendStep({ sender, patients, absent, finishing, problem }: Props) {
  const { t } = useTranslation();
  const state = useSyncExternalStore(sender.subscribe, sender.state);
  const { progress, phase } = state;
  const percent = progress.bytes === 0 ? 100 : (progress.bytesDone / progress.bytes) * 100;
  return (
    <Stack gap="md" maw={980}>
      <Card>
        <Stack gap="sm">
          <Group justify="space-between" gap="sm">
            <Text fw={600} size="lg" className="tabular" role="status">
              {t(`upload.send.phase.${phase}`)}
            </Text>
            <Controls phase={phase} sender={sender} />
          </Group>
          <Progress value={percent} size="lg" aria-label={t('upload.send.progress')} color={phase === 'SENDING' || phase === 'DONE' ? 'cyan' : 'yellow'} animated={phase === 'SENDING'} />
          <Figures state={state} />
          <Trouble state={state} />
        </Stack>
      </Card>
      {phase === 'DONE' && state.unsent.length + absent > 0 && <Incomplete unsent={state.unsent.length + absent} finishing={finishing} />}
      {problem !== null && <ErrorNote cause={problem} onRetry={() => void uploadFlow.finish()} />}
      <StudyTable studies={progress.studies} patients={patients} />
      <Text size="sm" c="dimmed">{t('upload.send.stayHint')}</Text>
    </Stack>
  );
}

function Controls({ phase, sender }: { phase: SenderState['phase']; sender: Sender<FoundInstance> }) {
  const { t } = useTranslation();
  if (phase === 'SENDING' || phase === 'WAITING') {
    return <Button variant="default" leftSection={<IconPlayerPause size={16} />} onClick={() => sender.pause()}>{t('upload.send.pause')}</Button>;
  }
  if (phase === 'PAUSED' || phase === 'STOPPED') {
    return <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => sender.start()}>{t('upload.send.goOn')}</Button>;
  }
  return null;
}

function Figures({ state: { progress, phase } }: { state: SenderState }) {
  const { t } = useTranslation();
  const moving = phase === 'SENDING' && progress.bytesPerSecond > 0;
  return (
    <Group gap="xl" className="tabular">
      <Figure label={t('upload.send.sent')} value={t('upload.send.of', { done: formatBytes(progress.bytesDone), total: formatBytes(progress.bytes) })} />
      <Figure label={t('upload.send.images')} value={t('upload.send.of', { done: formatNumber(progress.stored + progress.refused), total: formatNumber(progress.total) })} />
      <Figure label={t('upload.send.rate')} value={moving ? `${formatBytes(progress.bytesPerSecond)}/s` : t('common.none')} />
      <Figure label={t('upload.send.left')} value={moving && progress.secondsLeft !== null ? formatDuration(progress.secondsLeft) : t('common.none')} />
      {progress.refused > 0 && <Figure label={t('upload.send.refused')} value={formatNumber(progress.refused)} warn />}
    </Group>
  );
}

function Figure({ label, value, warn = false }: { label: string; value: string; warn?: boolean }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{label}</Text>
      <Text size="sm" fw={500} c={warn ? 'orange.4' : undefined}>{value}</Text>
    </div>
  );
}

function Trouble({ state: { phase, problem } }: { state: SenderState }) {
  const { t } = useTranslation();
  if (problem === null) return null;
  const waiting = phase === 'WAITING' || phase === 'SENDING';
  return (
    <Alert role="alert" color={waiting ? 'yellow' : 'red'} icon={problem.code === 'OFFLINE' ? <IconWifiOff size={18} /> : <IconAlertTriangle size={18} />}>
      <Text size="sm">{messageOf(problem)}</Text>
      <Text size="sm" c="dimmed">{waiting ? t('upload.send.waits') : t('upload.send.stopped')}</Text>
    </Alert>
  );
}

function Incomplete({ unsent, finishing }: { unsent: number; finishing: boolean }) {
  const { t } = useTranslation();
  return (
    <Alert role="alert" color="orange" icon={<IconAlertTriangle size={18} />} title={t('upload.send.unsent', { count: unsent, shown: formatNumber(unsent) })}>
      <Text size="sm">{t('upload.send.unsentText')}</Text>
      <Group gap="xs" mt="sm">
        <Button size="xs" variant="default" onClick={() => uploadFlow.startOver()}>{t('upload.send.later')}</Button>
        <Button size="xs" loading={finishing} onClick={() => void uploadFlow.finish()}>{t('upload.send.finishWithout')}</Button>
      </Group>
    </Alert>
  );
}

function StudyTable({ studies, patients }: { studies: readonly StudyProgress[]; patients: readonly PatientGroup[] }) {
  const { t } = useTranslation();
  const titles = new Map(patients.flatMap((patient) => patient.studies.map((study) => [study.studyInstanceUid, { patient, study }] as const)));
  return (
    <Table aria-label={t('upload.send.perStudy')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('upload.send.study')}</Table.Th>
          <Table.Th w="30%">{t('upload.send.progress')}</Table.Th>
          <Table.Th ta="right">{t('upload.send.images')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {studies.map((each) => {
          const about = titles.get(each.studyInstanceUid);
          const title = about === undefined ? t('upload.review.study') : `${formatPersonName(about.patient.name)} · ${about.study.description || t('upload.review.study')} · ${formatDicomDate(about.study.date)}`;
          const finished = each.stored + each.refused;
          return (
            <Table.Tr key={each.studyInstanceUid}>
              <Table.Td>{title}</Table.Td>
              <Table.Td>
                <Progress value={each.total === 0 ? 100 : (finished / each.total) * 100} aria-label={t('upload.send.progressOf', { title })} color={finished === each.total ? 'green' : 'cyan'} />
              </Table.Td>
              <Table.Td ta="right">{t('upload.send.of', { done: formatNumber(finished), total: formatNumber(each.total) })}</Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
