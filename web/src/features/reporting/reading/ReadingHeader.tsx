import { ActionIcon, Badge, Group, Text, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconLayoutSidebarRightCollapse, IconLayoutSidebarRightExpand, IconLock, IconLockOpen, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { PriorityCell, ReceivedCell, studyText, TimeLeftCell } from '@/features/worklist';
import { formatDicomDate, formatTime } from '@/ui/format';
import type { ClaimState, Holder } from './ClaimKeeper';
import classes from './ReadingScreen.module.css';
import type { ReadingCase } from './useReadingCase';

interface ReadingHeaderProps {
  one: ReadingCase;
  claim: ClaimState;
  /** Who holds the case, when that is somebody else. */
  otherHolder: Holder | undefined;
  dockOpen: boolean;
  onToggleDock: () => void;
}

/** Whose images these are, how long there is, and whether the case is held. */
export function ReadingHeader({ one, claim, otherHolder, dockOpen, onToggleDock }: ReadingHeaderProps) {
  const { t } = useTranslation();
  const { patient, study } = one;
  const DockIcon = dockOpen ? IconLayoutSidebarRightCollapse : IconLayoutSidebarRightExpand;
  return (
    <header className={classes.header}>
      <Tooltip label={t('reporting.backToWorklist')}>
        <ActionIcon component={Link} to="/worklist" variant="subtle" color="gray" size={28} aria-label={t('reporting.backToWorklist')}>
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      <Text component="h1" fw={600} size="sm" truncate>{patient.name}</Text>
      <Text size="xs" c="dimmed" className="tabular" style={{ whiteSpace: 'nowrap' }}>
        {[patient.sex, patient.ageAtStudy, patient.birthDate && `* ${formatDicomDate(patient.birthDate)}`, patient.patientId].filter(Boolean).join(' · ')}
      </Text>
      <Text size="xs" truncate miw={60}>
        {[study.modalities.join(' '), studyText(study), one.facility.name].filter(Boolean).join(' · ')}
      </Text>
      <div style={{ flex: 1 }} />
      <Group gap="md" wrap="nowrap" style={{ flex: 'none', fontSize: 12.5 }}>
        {(one.state === 'RECEIVING' || one.state === 'EXPECTED') && <span style={{ width: 110 }}><ReceivedCell row={one} /></span>}
        <PriorityCell row={one} />
        <TimeLeftCell row={one} />
        <ClaimBadge one={one} claim={claim} otherHolder={otherHolder} />
        <Tooltip label={t(dockOpen ? 'reporting.hideReport' : 'reporting.showReport')}>
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={t(dockOpen ? 'reporting.hideReport' : 'reporting.showReport')} aria-expanded={dockOpen} onClick={onToggleDock}>
            <DockIcon size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </header>
  );
}

function ClaimBadge({ one, claim, otherHolder }: Pick<ReadingHeaderProps, 'one' | 'claim' | 'otherHolder'>) {
  const { t } = useTranslation();
  if (claim.kind === 'HELD') {
    return (
      <Tooltip label={t('reporting.heldUntil', { at: formatTime(claim.leaseExpiresAt) })}>
        <Badge color="cyan" leftSection={<IconLock size={12} aria-hidden />} data-testid="claim-state" data-state="HELD">{t('reporting.yours')}</Badge>
      </Tooltip>
    );
  }
  if (one.state === 'FINAL_SIGNED' || one.state === 'DELIVERED' || one.state === 'CLOSED') {
    return <Badge color="green" leftSection={<IconShieldCheck size={12} aria-hidden />} data-testid="claim-state" data-state="SIGNED">{t('reporting.signed')}</Badge>;
  }
  const holder = claim.kind === 'TAKEN' ? claim.holder : otherHolder;
  return (
    <Badge color={holder ? 'orange' : 'gray'} leftSection={<IconLockOpen size={12} aria-hidden />} data-testid="claim-state" data-state={claim.kind}>
      {holder ? t('reporting.readOnlyHeld', { name: holder.name }) : t('reporting.readOnlyBadge')}
    </Badge>
  );
}
