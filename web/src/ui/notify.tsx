/** Short messages in the corner: what was done, or why it was not. */
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { messageOf } from '@/api/errors';
import { i18next } from '@/i18n';

export function notifyDone(message: string): void {
  notifications.show({ message, color: 'green', icon: <IconCheck size={18} />, closeButtonProps: { 'aria-label': i18next.t('common.close') } });
}

export function notifyFailed(cause: unknown): void {
  notifications.show({
    message: messageOf(cause),
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    autoClose: 10_000,
    closeButtonProps: { 'aria-label': i18next.t('common.close') },
  });
}

/** Something the person should know, that is nobody's failure. */
export function notifyWarning(message: string): void {
  notifications.show({
    message,
    color: 'orange',
    icon: <IconAlertTriangle size={18} />,
    autoClose: 10_000,
    closeButtonProps: { 'aria-label': i18next.t('common.close') },
  });
}
