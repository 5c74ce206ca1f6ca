/** What was found, what to look at, and the form that sends it. */
import { Alert, Button, Checkbox, Grid, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconUsers } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/ui/State';
import { formatNumber } from '@/ui/format';
import { DropArea } from '../DropArea';
import { uploadFlow } from '../flow';
import { concernsOf, instancesOf, type PatientGroup, withoutSeries } from '../model';
import type { SetAsideFile } from '../scan/scanner';
import { FoundTable } from './FoundTable';
import { SendForm } from './SendForm';
import { SetAsideList } from './SetAsideList';

export function ReviewStep({ patients, setAside }: { patients: PatientGroup[]; setAside: SetAsideFile[] }) {
  const { t } = useTranslation();
  const [unticked, setUnticked] = useState(uploadFlow.unticked);
  const tick = (next: ReadonlySet<string>) => {
    uploadFlow.unticked = next;
    setUnticked(next);
  };
  const [confirmed, setConfirmed] = useState(false);
  const chosen = useMemo(() => withoutSeries(patients, unticked), [patients, unticked]);
  const instances = useMemo(() => instancesOf(chosen), [chosen]);
  const concerns = useMemo(() => concernsOf(chosen), [chosen]);
  const needsConfirmation = concerns.patients > 1;

  if (patients.length === 0) {
    return (
      <Stack gap="md">
        <EmptyState icon={<IconAlertTriangle size={36} />} title={t('upload.review.nothing')}>
          {t('upload.review.nothingText')}
        </EmptyState>
        <SetAsideList files={setAside} initiallyOpen />
        <DropArea label={t('upload.drop.title')} compact />
      </Stack>
    );
  }

  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Stack gap="sm">
          <Concerns concerns={concerns} />
          <FoundTable patients={patients} unticked={unticked} onChange={tick} />
          <SetAsideList files={setAside} />
          <DropArea label={t('upload.review.addMore')} compact />
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <SendForm
          instances={instances}
          blocked={needsConfirmation && !confirmed}
          confirmation={
            needsConfirmation && (
              <Checkbox
                checked={confirmed}
                onChange={(event) => setConfirmed(event.currentTarget.checked)}
                label={t('upload.review.confirmPatients', { count: concerns.patients })}
              />
            )
          }
        />
        <Group justify="flex-end" mt="xs">
          <Button variant="subtle" color="gray" size="xs" onClick={() => uploadFlow.startOver()}>{t('upload.review.startOver')}</Button>
        </Group>
      </Grid.Col>
    </Grid>
  );
}

function Concerns({ concerns }: { concerns: ReturnType<typeof concernsOf> }) {
  const { t } = useTranslation();
  return (
    <>
      {concerns.patients > 1 && (
        <Alert color="yellow" role="alert" icon={<IconUsers size={18} aria-hidden />} title={t('upload.review.severalPatients', { count: concerns.patients })}>
          <Text size="sm">{t('upload.review.severalPatientsText')}</Text>
        </Alert>
      )}
      {concerns.mixedStudies.length > 0 && (
        <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} aria-hidden />} title={t('upload.review.mixedStudy', { count: concerns.mixedStudies.length })}>
          <Text size="sm">{t('upload.review.mixedStudyText')}</Text>
        </Alert>
      )}
      {concerns.withoutPatientId > 0 && (
        <Alert color="yellow" role="alert" icon={<IconAlertTriangle size={18} aria-hidden />}>
          <Text size="sm">{t('upload.review.withoutPatientId', { count: concerns.withoutPatientId, shown: formatNumber(concerns.withoutPatientId) })}</Text>
        </Alert>
      )}
    </>
  );
}
