/** The four things a page can be instead of its content: loading, empty, failed, out of reach. */
import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnyVariables, UseQueryState } from 'urql';
import { messageOf } from '@/api/errors';
import { apiErrorOf } from '@/api/graphql';
import { ApiError } from '@/api/request';

export function LoadingState() {
  const { t } = useTranslation();
  return (
    <Center mih={220} role="status" aria-live="polite">
      <Group gap="sm">
        <Loader size="sm" aria-hidden />
        <Text c="dimmed">{t('common.loading')}</Text>
      </Group>
    </Center>
  );
}

export function EmptyState({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <Center mih={220} p="lg">
      <Stack align="center" gap="xs" maw={460}>
        {icon !== undefined && <Text c="dimmed" component="span" aria-hidden>{icon}</Text>}
        <Title order={2} ta="center">{title}</Title>
        {children !== undefined && <Text c="dimmed" ta="center" component="div">{children}</Text>}
      </Stack>
    </Center>
  );
}

export function ErrorState({ cause, onRetry }: { cause: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const offline = cause instanceof ApiError && cause.code === 'OFFLINE';
  // Asking again does not make it exist.
  const absent = cause instanceof ApiError && cause.code === 'NOT_FOUND';
  return (
    <Center mih={220} p="lg" role="alert">
      <Stack align="center" gap="sm" maw={460}>
        {offline ? <IconCloudOff size={32} aria-hidden /> : <IconAlertTriangle size={32} aria-hidden color="var(--mantine-color-orange-4)" />}
        <Title order={2} ta="center">{t('shell.failed')}</Title>
        <Text c="dimmed" ta="center">{messageOf(cause)}</Text>
        {onRetry !== undefined && !absent && <Button variant="default" onClick={onRetry}>{t('common.retry')}</Button>}
      </Stack>
    </Center>
  );
}

/** A failure beside content that is still good to read. */
export function ErrorNote({ cause, onRetry }: { cause: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <Alert role="alert" color="orange" variant="light" py={6} icon={<IconAlertTriangle size={18} aria-hidden />}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">{messageOf(cause)}</Text>
        {onRetry !== undefined && <Button size="compact-sm" variant="default" onClick={onRetry}>{t('common.retry')}</Button>}
      </Group>
    </Alert>
  );
}

/** Shows a query's data as soon as there is some; a later failure is noted above it and never takes it away. */
export function Loaded<Data, Variables extends AnyVariables>({
  result, onRetry, children,
}: {
  result: UseQueryState<Data, Variables>;
  onRetry: () => void;
  children: (data: Data) => ReactNode;
}) {
  const cause = result.error === undefined ? null : apiErrorOf(result.error);
  if (result.data === undefined || result.data === null) {
    return cause === null ? <LoadingState /> : <ErrorState cause={cause} onRetry={onRetry} />;
  }
  return (
    <>
      {cause !== null && <ErrorNote cause={cause} onRetry={onRetry} />}
      {children(result.data)}
    </>
  );
}
