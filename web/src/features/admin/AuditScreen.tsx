/** Who did what, when and from where; and whether the chain of it is whole. */
import { Alert, Badge, Button, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconHistory, IconShieldCheck } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { dataOf } from '@/api/graphql';
import { useLiveQuery } from '@/api/useLive';
import { formatDateTime, formatNumber } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { AUDIT, AUDIT_VERIFICATION, type AuditRow } from './admin.queries';
import { type AuditSearch, isCaseId } from './adminSearch';

const PAGE = 100;

export function AuditScreen() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as AuditSearch;
  // Cursors of the pages gone through; the trail is read backwards, newest first.
  const [cursors, setCursors] = useState<string[]>([]);
  const variables = { caseId: search.case ?? null, first: PAGE, after: cursors.at(-1) ?? null };
  const [result, reload] = useLiveQuery({ query: AUDIT, variables }, ['CASE', 'STUDY', 'MEMBER', 'FACILITY']);
  const columns: Column<AuditRow>[] = [
    { key: 'sequence', title: '#', align: 'right', width: 60, render: (row) => row.sequence },
    { key: 'at', title: t('admin.audit.at'), width: 150, render: (row) => <Whole>{formatDateTime(row.at)}</Whole> },
    {
      key: 'actor',
      title: t('admin.audit.actor'),
      render: (row) => (
        <Whole>
          {row.actor} <Text span size="xs" c="dimmed">{row.actorKind.toLowerCase()}</Text>
        </Whole>
      ),
    },
    { key: 'action', title: t('admin.audit.action'), heading: true, render: (row) => <Text span inherit fw={500}>{row.action}</Text> },
    { key: 'object', title: t('admin.audit.object'), render: (row) => <Text span ff="monospace" size="xs" style={{ whiteSpace: 'nowrap' }}>{row.object}</Text> },
    { key: 'outcome', title: t('admin.audit.outcome'), render: (row) => <Badge color={/^(ok|success|granted|allowed)/i.test(row.outcome) ? 'green' : 'orange'}>{row.outcome.toLowerCase()}</Badge> },
    { key: 'address', title: t('admin.audit.address'), render: (row) => row.address ?? t('common.none') },
    { key: 'detail', title: t('admin.audit.detail'), render: (row) => <span style={{ overflowWrap: 'anywhere' }}>{row.detail ?? ''}</span> },
    {
      key: 'hash',
      title: t('admin.audit.hash'),
      render: (row) => (
        <Tooltip label={row.hash} multiline maw={420}>
          <Text span ff="monospace" size="xs" c="dimmed">{row.hash.slice(0, 10)}…</Text>
        </Tooltip>
      ),
    },
  ];
  return (
    <Page title={t('admin.audit.title')} actions={<VerifyButton />}>
      <CaseFilter current={search.case} onChange={() => setCursors([])} />
      <Loaded result={result} onRetry={reload}>
        {({ auditTrail }) =>
          auditTrail.nodes.length === 0 ? (
            <EmptyState icon={<IconHistory size={36} />} title={t('admin.audit.empty')} />
          ) : (
            <>
              <RecordTable label={t('admin.audit.title')} rows={auditTrail.nodes} columns={columns} rowKey={(row) => String(row.sequence)} />
              <Group gap="xs">
                {cursors.length > 0 && <Button size="xs" variant="default" onClick={() => setCursors(cursors.slice(0, -1))}>{t('admin.audit.newer')}</Button>}
                {auditTrail.hasNextPage && auditTrail.endCursor !== null && auditTrail.endCursor !== undefined && (
                  <Button size="xs" variant="default" onClick={() => setCursors([...cursors, auditTrail.endCursor ?? ''])}>{t('admin.audit.older')}</Button>
                )}
              </Group>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** One line an event: the trail is read down, not across. */
function Whole({ children }: { children: ReactNode }) {
  return <span style={{ whiteSpace: 'nowrap' }}>{children}</span>;
}

function CaseFilter({ current, onChange }: { current: string | undefined; onChange: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [value, setValue] = useState(current ?? '');
  const wrong = value !== '' && !isCaseId(value);
  const apply = (next: string) => {
    setValue(next);
    if (next !== '' && !isCaseId(next)) return;
    onChange();
    void navigate({ to: '/admin/audit', search: next === '' ? {} : { case: next }, replace: true });
  };
  return (
    <TextInput
      size="xs"
      maw={380}
      label={t('admin.audit.byCase')}
      placeholder="case_…"
      value={value}
      error={wrong ? t('admin.audit.caseWrong') : null}
      onChange={(event) => apply(event.currentTarget.value.trim())}
    />
  );
}

/** Asks the program to recompute the chain, and says what came out. */
function VerifyButton() {
  const { t } = useTranslation();
  const client = useClient();
  const [verdict, setVerdict] = useState<{ intact: boolean; events: number; firstBrokenSequence?: number | null } | null>(null);
  const [verify, busy] = useAction(async () => {
    const result = await client.query(AUDIT_VERIFICATION, {}, { requestPolicy: 'network-only' }).toPromise();
    setVerdict(dataOf(result).auditVerification);
  });
  return (
    <Group gap="sm" aria-live="polite">
      {verdict !== null && (
        <Alert py={4} px="sm" color={verdict.intact ? 'green' : 'red'} icon={verdict.intact ? <IconShieldCheck size={17} /> : <IconAlertTriangle size={17} />}>
          <Text size="sm">
            {verdict.intact
              ? t('admin.audit.intact', { count: verdict.events, shown: formatNumber(verdict.events) })
              : t('admin.audit.broken', { sequence: verdict.firstBrokenSequence ?? 0 })}
          </Text>
        </Alert>
      )}
      <Button variant="default" leftSection={<IconShieldCheck size={16} />} loading={busy} onClick={() => void verify()}>{t('admin.audit.verify')}</Button>
    </Group>
  );
}
