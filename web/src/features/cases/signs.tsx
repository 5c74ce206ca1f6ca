/** How a case's state, priority and time are shown: always a word, with colour only as a help. */
import { Badge, Group, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconBolt, IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CaseState, Priority, ProtocolFlag } from '@/gql/enums';
import { stateColor } from '@/theme/theme';
import { formatDateTime, formatDuration } from '@/ui/format';
import { useNow } from '@/ui/useNow';

const STATE_COLORS: Record<CaseState, string> = {
  EXPECTED: 'gray',
  RECEIVING: 'cyan',
  UNMATCHED: 'orange',
  QC_HOLD: 'orange',
  READY_TO_READ: 'cyan',
  ASSIGNED: 'cyan',
  IN_PROGRESS: 'blue',
  PRELIM_SIGNED: 'green',
  FINAL_SIGNED: 'green',
  DELIVERED: 'green',
  CLOSED: 'gray',
  ON_HOLD: 'yellow',
  CANCELLED: 'gray',
};

export function CaseStateBadge({ state }: { state: CaseState }) {
  const { t } = useTranslation();
  return <Badge color={STATE_COLORS[state]}>{t(`cases.state.${state}`)}</Badge>;
}

export function PriorityBadge({ priority, flag }: { priority: Priority; flag?: ProtocolFlag | null }) {
  const { t } = useTranslation();
  const color = { ROUTINE: 'gray', URGENT: 'yellow', ASAP: 'orange', STAT: 'red' }[priority];
  return (
    <Group gap={4} wrap="nowrap">
      {priority === 'ROUTINE' ? (
        <Text span inherit c="dimmed">{t('common.priority.ROUTINE')}</Text>
      ) : (
        <Badge color={color} leftSection={priority === 'STAT' ? <IconBolt size={12} aria-hidden /> : undefined}>{t(`common.priority.${priority}`)}</Badge>
      )}
      {flag !== null && flag !== undefined && <Badge color="red">{t(`common.protocolFlag.${flag}`)}</Badge>}
    </Group>
  );
}

export type Urgency = 'overdue' | 'soon' | 'near' | 'calm';

/** By the time left: overdue, under 15 minutes, under an hour, or no hurry. */
export function urgencyOf(secondsLeft: number): Urgency {
  if (secondsLeft < 0) return 'overdue';
  if (secondsLeft < 15 * 60) return 'soon';
  return secondsLeft < 60 * 60 ? 'near' : 'calm';
}

/** "▲ 12 min over" or "1 h 5 min", counting. */
export function TimeLeft({ dueAt }: { dueAt: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const seconds = (Date.parse(dueAt) - now) / 1000;
  const urgency = urgencyOf(seconds);
  const text = seconds < 0 ? t('cases.over', { time: formatDuration(seconds) }) : t('cases.left', { time: formatDuration(seconds) });
  return (
    <Tooltip label={t('cases.dueAt', { at: formatDateTime(dueAt) })}>
      <Group gap={4} wrap="nowrap" c={stateColor[urgency]} className="tabular">
        {urgency === 'overdue' ? <IconAlertTriangle size={14} aria-hidden /> : <IconClock size={14} aria-hidden />}
        <Text span inherit>{text}</Text>
      </Group>
    </Tooltip>
  );
}
