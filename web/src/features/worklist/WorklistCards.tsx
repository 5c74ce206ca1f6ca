import { Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dimmed, PriorityCell, ReceivedCell, StateCell, studyText, Thumbnail, TimeLeftCell } from './cells';
import classes from './worklist.module.css';
import type { CaseRow } from './worklist.queries';

/** The worklist on a telephone: the same facts, one card a case. */
export function WorklistCards({ rows, userId, onOpen }: { rows: readonly CaseRow[]; userId: string; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap={6} p={8} component="ul" className={classes.cards} aria-label={t('worklist.title')}>
      {rows.map((row) => (
        <li key={row.id}>
          <UnstyledButton className={classes.card} onClick={() => onOpen(row.id)}>
            <Thumbnail row={row} size={64} />
            <Stack gap={2} miw={0} flex={1}>
              <Group justify="space-between" wrap="nowrap"><PriorityCell row={row} /><TimeLeftCell row={row} /></Group>
              <Text size="sm" fw={600} truncate>{row.patient.name}</Text>
              <Text size="xs" truncate>{row.study.modalities.join(' ')} · {studyText(row.study)}</Text>
              <Group justify="space-between" wrap="nowrap">
                <Dimmed>{row.facility.name}</Dimmed>
                <Text span size="xs"><StateCell row={row} userId={userId} /></Text>
              </Group>
              {row.state === 'RECEIVING' && <Text span size="xs"><ReceivedCell row={row} /></Text>}
            </Stack>
          </UnstyledButton>
        </li>
      ))}
    </Stack>
  );
}
