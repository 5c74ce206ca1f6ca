/** The sheet that `?` opens: every key of a screen, by group. */
import { Group, Kbd, Modal, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export interface ShortcutGroup {
  title: string;
  keys: Array<{ label: string; action: string }>;
}

const SIZES: Record<number, string> = { 1: 'sm', 2: 'lg', 3: 'xl' };

export function ShortcutSheet({ opened, onClose, groups }: { opened: boolean; onClose: () => void; groups: ShortcutGroup[] }) {
  const { t } = useTranslation();
  // As many columns as it takes to see every key at once.
  const columns = groups.length > 4 ? 3 : Math.min(2, groups.length);
  return (
    <Modal opened={opened} onClose={onClose} title={t('worklist.keys.title')} size={SIZES[columns]} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <SimpleGrid cols={{ base: 1, sm: columns }} spacing="lg">
        {groups.map((group) => (
          <Stack key={group.title} gap={6}>
            <Title order={3}>{group.title}</Title>
            {group.keys.map((key) => (
              <Group key={key.label} gap="sm" wrap="nowrap" justify="space-between">
                <Text size="sm">{key.action}</Text>
                <Kbd size="xs">{key.label}</Kbd>
              </Group>
            ))}
          </Stack>
        ))}
      </SimpleGrid>
    </Modal>
  );
}
