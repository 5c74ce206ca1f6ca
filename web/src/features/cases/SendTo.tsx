/** Has the study sent to another archive or workstation; there is nothing to see where there is none. */
import { Button, Group, NativeSelect } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { dataOf } from '@/api/graphql';
import { useAction } from '@/ui/useAction';
import { SEND_STUDY, STUDY_DESTINATIONS } from './cases.queries';

export function SendTo({ studyId }: { studyId: string }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: STUDY_DESTINATIONS });
  const [chosen, setChosen] = useState('');
  const [, sendStudy] = useMutation(SEND_STUDY);
  const [send, busy] = useAction(async (nodeId: string) => dataOf(await sendStudy({ input: { studyId, nodeId } })), t('cases.sendQueued'));
  const destinations = data?.studyDestinations ?? [];
  const first = destinations[0];
  if (first === undefined) return null;
  const nodeId = chosen === '' ? first.id : chosen;
  return (
    <Group gap="xs" align="flex-end">
      <NativeSelect
        label={t('cases.sendTo')}
        size="xs"
        value={nodeId}
        data={destinations.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <Button size="xs" variant="default" loading={busy} leftSection={<IconSend size={14} aria-hidden />} onClick={() => void send(nodeId)}>
        {t('cases.sendImages')}
      </Button>
    </Group>
  );
}
