import { Group, Text } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useOnline } from './useOnline';

/** Says so while the machine has no network. A server out of reach shows at the live sign and at each request. */
export function OfflineBanner() {
  const { t } = useTranslation();
  if (useOnline()) return null;
  return (
    <Group role="alert" gap="xs" px="md" py={6} bg="var(--selected)">
      <IconCloudOff size={18} aria-hidden />
      <Text size="sm">{t('shell.offline')}</Text>
    </Group>
  );
}
