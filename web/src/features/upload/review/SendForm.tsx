/** Where the study comes from, how urgent it is, and why it was made. */
import { Button, Card, NativeSelect, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { apiErrorOf } from '@/api/graphql';
import type { Priority, ProtocolFlag } from '@/gql/enums';
import { formatBytes, formatNumber } from '@/ui/format';
import { ErrorNote } from '@/ui/State';
import { uploadFlow } from '../flow';
import { bytesOf } from '../model';
import type { FoundInstance } from '../scan/scanner';

const PRIORITIES: readonly Priority[] = ['ROUTINE', 'URGENT', 'ASAP', 'STAT'];
const FLAGS: readonly ProtocolFlag[] = ['STROKE', 'TRAUMA', 'CRITICAL'];

export function SendForm({ instances, blocked, confirmation }: { instances: readonly FoundInstance[]; blocked: boolean; confirmation: ReactNode }) {
  const { t } = useTranslation();
  const [{ data, error }, reload] = useQuery({ query: FACILITY_CHOICES });
  const facilities = data?.facilities ?? [];
  const [chosenFacility, setFacility] = useState('');
  const [priority, setPriority] = useState<Priority>('ROUTINE');
  const [flag, setFlag] = useState<ProtocolFlag | ''>('');
  const [indication, setIndication] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  // Whoever works for one facility has nothing to choose.
  const facilityId = chosenFacility === '' && facilities.length === 1 ? (facilities[0]?.id ?? '') : chosenFacility;

  const send = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await uploadFlow.send({ facilityId, priority, protocolFlag: flag === '' ? null : flag, indication, instances });
    } catch (cause) {
      setProblem(cause);
      setBusy(false);
    }
  };

  return (
    <Card component="section" aria-label={t('upload.form.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Stack gap="md">
          {error !== undefined && <ErrorNote cause={apiErrorOf(error)} onRetry={() => reload({ requestPolicy: 'network-only' })} />}
          <NativeSelect
            label={t('upload.form.facility')}
            required
            value={facilityId}
            onChange={(event) => setFacility(event.currentTarget.value)}
            data={[{ value: '', label: t('upload.form.chooseFacility'), disabled: true }, ...facilities.map(({ id, name, code }) => ({ value: id, label: `${name} (${code})` }))]}
          />
          <Stack gap={4}>
            <Text size="sm" fw={500} id="upload-priority">{t('upload.form.priority')}</Text>
            <SegmentedControl
              fullWidth
              aria-labelledby="upload-priority"
              value={priority}
              onChange={(value) => setPriority(value as Priority)}
              data={PRIORITIES.map((value) => ({ value, label: t(`common.priority.${value}`) }))}
            />
          </Stack>
          <NativeSelect
            label={t('upload.form.flag')}
            value={flag}
            onChange={(event) => setFlag(event.currentTarget.value as ProtocolFlag | '')}
            data={[{ value: '', label: t('upload.form.noFlag') }, ...FLAGS.map((value) => ({ value, label: t(`common.protocolFlag.${value}`) }))]}
          />
          <Textarea
            label={t('upload.form.indication')}
            description={t('upload.form.indicationHint')}
            autosize
            minRows={3}
            maxRows={8}
            maxLength={4000}
            value={indication}
            onChange={(event) => setIndication(event.currentTarget.value)}
          />
          {confirmation}
          {problem !== null && <ErrorNote cause={problem} />}
          <Button
            type="submit"
            loading={busy}
            disabled={blocked || facilityId === '' || instances.length === 0}
            leftSection={<IconSend size={17} />}
          >
            {t('upload.form.send', { count: instances.length, shown: formatNumber(instances.length), bytes: formatBytes(bytesOf(instances)) })}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
