/** The operator's view across tenants. Looking needs a reason, which is written into the audit trail. */
import { Button, Card, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '@/gql';
import type { PlatformTenantsQuery } from '@/gql/graphql';
import { formatBytes, formatDateTime, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';

const PLATFORM_TENANTS = graphql(`
  query PlatformTenants($reason: String!) {
    platformTenants(reason: $reason) {
      id
      slug
      name
      members
      studies
      instances
      storedBytes
      openCases
      deadJobs
      createdAt
    }
  }
`);

type TenantRow = PlatformTenantsQuery['platformTenants'][number];

const SHORTEST_REASON = 8;

export function PlatformScreen() {
  const { t } = useTranslation();
  const [reason, setReason] = useState<string | null>(null);
  return (
    <Page title={t('admin.platform.title')}>
      {reason === null ? <AskReason onGiven={setReason} /> : <Tenants reason={reason} />}
    </Page>
  );
}

function AskReason({ onGiven }: { onGiven: (reason: string) => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  return (
    <Card maw={560}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onGiven(reason.trim());
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('admin.platform.reasonText')}</Text>
          <TextInput label={t('admin.platform.reason')} placeholder={t('admin.platform.reasonExample')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button type="submit" disabled={reason.trim().length < SHORTEST_REASON}>{t('admin.platform.show')}</Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function Tenants({ reason }: { reason: string }) {
  const { t } = useTranslation();
  const [result, reload] = useQuery({ query: PLATFORM_TENANTS, variables: { reason }, requestPolicy: 'network-only' });
  const number = (key: string, title: string, of: (row: TenantRow) => number): Column<TenantRow> => ({ key, title, align: 'right', render: (row) => formatNumber(of(row)) });
  const columns: Column<TenantRow>[] = [
    {
      key: 'name',
      title: t('admin.platform.tenant'),
      render: (row) => (
        <>
          <Text span inherit fw={500}>{row.name}</Text> <Text span size="xs" c="dimmed">{row.slug}</Text>
        </>
      ),
    },
    number('members', t('admin.members.title'), (row) => row.members),
    number('studies', t('admin.platform.studies'), (row) => row.studies),
    number('instances', t('cases.images'), (row) => row.instances),
    { key: 'stored', title: t('admin.platform.stored'), align: 'right', render: (row) => formatBytes(row.storedBytes) },
    number('open', t('admin.platform.openCases'), (row) => row.openCases),
    { key: 'dead', title: t('admin.jobs.state.DEAD'), align: 'right', render: (row) => <Text span inherit c={row.deadJobs > 0 ? 'red.4' : undefined} fw={row.deadJobs > 0 ? 600 : undefined}>{formatNumber(row.deadJobs)}</Text> },
    { key: 'since', title: t('admin.created'), render: (row) => formatDateTime(row.createdAt) },
  ];
  return (
    <Loaded result={result} onRetry={() => reload({ requestPolicy: 'network-only' })}>
      {({ platformTenants }) =>
        platformTenants.length === 0 ? (
          <EmptyState icon={<IconBuilding size={36} />} title={t('admin.platform.empty')} />
        ) : (
          <RecordTable label={t('admin.platform.title')} rows={platformTenants} columns={columns} rowKey={(row) => row.id} />
        )
      }
    </Loaded>
  );
}
