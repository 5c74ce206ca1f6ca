/** The frame of a page: its title, what can be done there, and its content in the full width. */
import { Box, Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

export function Page({ title, actions, children, wide = true }: { title: string; actions?: ReactNode; children: ReactNode; wide?: boolean }) {
  useEffect(() => {
    document.title = `${title} · telerad`;
  }, [title]);
  return (
    <Box p={{ base: 'sm', sm: 'md' }} maw={wide ? undefined : 1080} mx="auto">
      <Stack gap="md">
        <Group justify="space-between" gap="sm" mih={34}>
          <Title order={1}>{title}</Title>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
        {children}
      </Stack>
    </Box>
  );
}
