/** Keys for machines. */
import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { dataOf } from '@/api/graphql';
import { formatDateTime } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { API_KEYS, type ApiKeyRow, REVOKE_API_KEY } from './admin.queries';
import { ApiKeyDialog } from './ApiKeyDialog';
import { confirmThen } from './confirm';

export function ApiKeysScreen() {
  const { t } = useTranslation();
  const [creating, dialog] = useDisclosure(false);
  const [result, reload] = useQuery({ query: API_KEYS });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [, revokeKey] = useMutation(REVOKE_API_KEY);
  const [revoke, busy] = useAction(async (id: string) => {
    dataOf(await revokeKey({ input: { apiKeyId: id } }));
    refresh();
  }, t('admin.apiKeys.revoked'));
  const never = (at: string | null | undefined) => (at === null || at === undefined ? t('admin.members.never') : formatDateTime(at));
  const columns: Column<ApiKeyRow>[] = [
    { key: 'name', title: t('admin.apiKeys.name'), render: (row) => <Text span inherit fw={500}>{row.name}</Text> },
    { key: 'prefix', title: t('admin.apiKeys.prefix'), render: (row) => <Text span ff="monospace" size="xs">{row.prefix}…</Text> },
    {
      key: 'scopes',
      title: t('admin.apiKeys.scopes'),
      render: (row) => (
        <Group gap={4}>{row.scopes.map((scope) => <Badge key={scope} color="gray">{t(`admin.apiKeys.scope.${scope}`)}</Badge>)}</Group>
      ),
    },
    { key: 'created', title: t('admin.created'), render: (row) => formatDateTime(row.createdAt) },
    { key: 'used', title: t('admin.apiKeys.lastUsed'), render: (row) => never(row.lastUsedAt) },
    { key: 'state', title: t('admin.state'), render: (row) => (row.revokedAt === null || row.revokedAt === undefined ? <Badge color="green">{t('admin.members.active')}</Badge> : <Badge color="gray">{t('admin.apiKeys.isRevoked')}</Badge>) },
    {
      key: 'act',
      title: '',
      align: 'right',
      render: (row) =>
        (row.revokedAt === null || row.revokedAt === undefined) && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            disabled={busy}
            aria-label={`${t('admin.apiKeys.revoke')}: ${row.name}`}
            onClick={() => confirmThen(t('admin.apiKeys.revokeTitle', { name: row.name }), t('admin.apiKeys.revokeText'), t('admin.apiKeys.revoke'), () => void revoke(row.id))}
          >
            {t('admin.apiKeys.revoke')}
          </Button>
        ),
    },
  ];
  return (
    <Page title={t('admin.apiKeys.title')} actions={<Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>{t('admin.apiKeys.create')}</Button>}>
      <Loaded result={result} onRetry={refresh}>
        {({ apiKeys }) =>
          apiKeys.length === 0 ? (
            <EmptyState icon={<IconKey size={36} />} title={t('admin.apiKeys.empty')}>{t('admin.apiKeys.emptyText')}</EmptyState>
          ) : (
            <RecordTable label={t('admin.apiKeys.title')} rows={apiKeys} columns={columns} rowKey={(row) => row.id} />
          )
        }
      </Loaded>
      <ApiKeyDialog opened={creating} onClose={dialog.close} onCreated={refresh} />
    </Page>
  );
}
