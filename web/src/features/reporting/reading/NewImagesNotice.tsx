import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Says that the study has grown under the reader's eyes, until the reader says to have looked. */
export function NewImagesNotice({ count, onSeen }: { count: number; onSeen: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert color="yellow" variant="light" role="alert" p="xs" icon={<IconAlertTriangle size={18} />} data-testid="new-images">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t('reporting.newImages.text', { count })}</Text>
        <Button size="xs" variant="default" onClick={onSeen}>{t('reporting.newImages.seen')}</Button>
      </Group>
    </Alert>
  );
}
