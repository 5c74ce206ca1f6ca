import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { i18next } from '@/i18n';

/** Asks before something that cannot simply be undone. */
export function confirmThen(title: string, text: string, confirm: string, act: () => void): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm, cancel: i18next.t('common.cancel') },
    confirmProps: { color: 'red' },
    onConfirm: act,
  });
}
