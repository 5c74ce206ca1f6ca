/** Cells that the grid, the cards and the preview have in common. */
import { Text, Tooltip } from '@mantine/core';
import {
  IconAlertOctagonFilled, IconBolt, IconBrain, IconBrandSpeedtest, IconChevronUp, IconClockPause, IconFirstAidKit, IconLock, IconMinus,
  IconPhoto,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Priority, ProtocolFlag } from '@/gql/enums';
import { stateColor } from '@/theme/theme';
import { AuthorisedImage } from '@/ui/AuthorisedImage';
import { formatTime } from '@/ui/format';
import { timeLeft, timeLeftText, type Urgency } from './model/timeLeft';
import { READ_STATES } from './model/views';
import { useNow } from './useNow';
import classes from './worklist.module.css';
import type { CaseRow } from './worklist.queries';

const FLAG_ICON: Record<ProtocolFlag, typeof IconBrain> = {
  STROKE: IconBrain,
  TRAUMA: IconFirstAidKit,
  CRITICAL: IconAlertOctagonFilled,
};
const PRIORITY_ICON: Record<Priority, typeof IconBrain> = {
  STAT: IconBolt,
  ASAP: IconBrandSpeedtest,
  URGENT: IconChevronUp,
  ROUTINE: IconMinus,
};
const PRIORITY_COLOR: Record<Priority, string> = {
  STAT: stateColor.overdue,
  ASAP: stateColor.soon,
  URGENT: stateColor.near,
  ROUTINE: stateColor.calm,
};

/** Sign, icon and word. The protocol outranks the priority; both are said. */
export function PriorityCell({ row }: { row: Pick<CaseRow, 'priority' | 'protocolFlag'> }) {
  const { t } = useTranslation();
  const flag = row.protocolFlag;
  const Icon = flag ? FLAG_ICON[flag] : PRIORITY_ICON[row.priority];
  const priority = t(`common.priority.${row.priority}`);
  const word = flag ? t(`common.protocolFlag.${flag}`) : priority;
  return (
    <span className={classes.iconText} style={{ color: flag ? stateColor.overdue : PRIORITY_COLOR[row.priority] }}>
      <Icon size={14} stroke={2} aria-hidden style={{ flex: 'none' }} />
      <span style={{ flex: 'none', fontWeight: row.priority === 'ROUTINE' && !flag ? 400 : 600 }}>{word}</span>
      {flag && <span className={classes.clip} style={{ color: 'var(--mantine-color-dark-2)' }}>{priority}</span>}
    </span>
  );
}

const URGENCY_COLOR: Record<Urgency, string> = {
  NONE: stateColor.calm,
  CALM: 'var(--mantine-color-text)',
  NEAR: stateColor.near,
  SOON: stateColor.soon,
  OVERDUE: stateColor.overdue,
};

/** Ticks each second. Overdue carries a sign, so that the colour is not needed to see it. */
export function TimeLeftCell({ row }: { row: Pick<CaseRow, 'dueAt' | 'state'> }) {
  const { t } = useTranslation();
  const now = useNow();
  const left = timeLeft(row.dueAt, now);
  const text = timeLeftText(left);
  // The clock of a signed case has stopped; what it said at the end is in the case's history.
  if (READ_STATES.includes(row.state) || row.state === 'CANCELLED') return <span style={{ color: stateColor.calm }}>–</span>;
  if (row.state === 'ON_HOLD') {
    return <span className={classes.iconText}><IconClockPause size={14} aria-hidden />{t('worklist.paused')}</span>;
  }
  return (
    <span
      className="tabular"
      style={{ color: URGENCY_COLOR[left.urgency], fontWeight: left.urgency === 'OVERDUE' || left.urgency === 'SOON' ? 600 : 400 }}
      title={row.dueAt ? t('worklist.dueAt', { at: formatTime(row.dueAt) }) : t('worklist.noClock')}
    >
      {text}
    </span>
  );
}

/** A bar while images are arriving; afterwards only the number of images. */
export function ReceivedCell({ row }: { row: Pick<CaseRow, 'state' | 'receivedPercent' | 'receivedCount' | 'expectedCount'> }) {
  const { t } = useTranslation();
  const percent = row.receivedPercent;
  if (row.state !== 'RECEIVING' && row.state !== 'EXPECTED') {
    if (percent !== null && percent !== undefined && percent < 100) {
      return (
        <Tooltip label={t('worklist.incomplete', { received: row.receivedCount, expected: row.expectedCount ?? '?' })}>
          <span className={classes.iconText} style={{ color: stateColor.soon }}>▲ {percent} %</span>
        </Tooltip>
      );
    }
    return <span style={{ color: 'var(--mantine-color-dark-2)' }}>{t('worklist.complete')}</span>;
  }
  return (
    <span className={classes.received}>
      <span
        className={classes.bar} role="progressbar" aria-label={t('worklist.column.received')}
        aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent ?? undefined}
      >
        <span className={classes.barFill} data-unknown={percent === null || percent === undefined} style={{ width: `${percent ?? 100}%` }} />
      </span>
      <span className="tabular">{percent === null || percent === undefined ? row.receivedCount : `${percent} %`}</span>
    </span>
  );
}

export function StateCell({ row, userId }: { row: Pick<CaseRow, 'state' | 'holder' | 'lateImages'>; userId: string }) {
  const { t } = useTranslation();
  if (row.lateImages) {
    return <span className={classes.iconText} style={{ color: stateColor.soon }}>▲ <span className={classes.clip}>{t('worklist.lateImages')}</span></span>;
  }
  if (row.holder) {
    const mine = row.holder.userId === userId;
    return (
      <span
        className={classes.iconText}
        style={{ color: mine ? stateColor.accent : undefined }}
        title={t('worklist.heldSince', { name: row.holder.name, at: formatTime(row.holder.since) })}
      >
        <IconLock size={13} aria-hidden style={{ flex: 'none' }} />
        <span className={classes.clip}>{mine ? t('worklist.you') : row.holder.name}</span>
      </span>
    );
  }
  return <span className={classes.clip} style={{ color: 'var(--mantine-color-dark-2)' }}>{t(`worklist.state.${row.state}`)}</span>;
}

export function Thumbnail({ row, size }: { row: CaseRow; size: number }) {
  return (
    <AuthorisedImage
      src={row.study.thumbnailUrl} alt="" width={size} height={size}
      fallback={<IconPhoto size={Math.min(18, size - 8)} stroke={1.2} color="#3a4656" aria-hidden />}
    />
  );
}

/** `BRAIN · CT head without contrast`; the body part is left out where the description says it. */
export function studyText(study: Pick<CaseRow['study'], 'bodyPart' | 'description'>): string {
  const { bodyPart, description } = study;
  if (!description) return bodyPart ?? '';
  return bodyPart && !description.toLowerCase().includes(bodyPart.toLowerCase()) ? `${bodyPart} · ${description}` : description;
}

export function Dimmed({ children }: { children: React.ReactNode }) {
  return <Text span size="xs" c="dimmed">{children}</Text>;
}
