import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { formatTime } from '@/ui/format';
import type { Holder } from './ClaimKeeper';

/** The claim is gone while somebody was writing. Says so plainly; the text stays where it is. */
export function ClaimLostOverlay({ holder, onClaimAgain, onReadOn }: { holder: Holder | undefined; onClaimAgain: () => void; onReadOn: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onReadOn} withCloseButton={false} closeOnClickOutside={false} title={t('reporting.lost.title')} role="alertdialog">
      <Stack gap="md" data-testid="claim-lost">
        <Text size="sm">{holder ? t('reporting.lost.taken', { name: holder.name, at: formatTime(holder.since) }) : t('reporting.lost.lapsed')}</Text>
        <Text size="sm" c="dimmed">{t('reporting.lost.kept')}</Text>
        <Group justify="flex-end" gap="xs">
          <Button component={Link} to="/worklist" variant="default">{t('reporting.backToWorklist')}</Button>
          <Button variant="default" onClick={onReadOn}>{t('reporting.lost.readOn')}</Button>
          {!holder && <Button onClick={onClaimAgain} data-autofocus>{t('reporting.lost.again')}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
