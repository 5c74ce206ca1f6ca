/** Who did, saw or was refused what, when and from where; and whether anybody changed what is written. */
import { Badge, Button, Group, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBan, IconHistory, IconSearchOff, IconShieldCheck } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveQuery } from '@/api/useLive';
import { formatMoment } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { AUDIT, type AuditRow } from './admin.queries';
import { type AuditSearch, isId, startOfDay } from './adminSearch';
import { actionOfRow } from './auditActions';
import { AuditFilters } from './AuditFilters';
import { useVerification, VerdictNote } from './AuditVerify';

const PAGE = 100;
/** A longer detail is folded. */
const SHORT_DETAIL = 90;

export function AuditScreen() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as AuditSearch;
  const navigate = useNavigate();
  const [who, setWho] = useState('');
  // Cursors of the pages gone through; the trail is read backwards, newest first.
  const [cursors, setCursors] = useState<string[]>([]);
  const { verdict, verify, busy } = useVerification();
  const filter = {
    actor: who === '' ? null : who,
    actions: search.action === undefined ? null : [search.action],
    about: search.about ?? null,
    refusedOnly: search.refused === true,
    from: search.from === undefined ? null : startOfDay(search.from, 0),
    before: search.until === undefined ? null : startOfDay(search.until, 1),
  };
  const variables = { filter, first: PAGE, after: cursors.at(-1) ?? null };
  const [result, reload] = useLiveQuery({ query: AUDIT, variables }, ['CASE', 'STUDY', 'MEMBER', 'FACILITY']);
  const ask = (next: AuditSearch) => {
    setCursors([]);
    void navigate({ to: '/admin/audit', search: next, replace: true });
  };
  const askWho = (next: string) => {
    setCursors([]);
    setWho(next);
  };
  const filtered = who !== '' || Object.keys(search).length > 0;
  return (
    <Page
      title={t('admin.audit.title')}
      actions={<Button variant="default" leftSection={<IconShieldCheck size={16} aria-hidden />} loading={busy} onClick={verify}>{t('admin.audit.verify')}</Button>}
    >
      {verdict !== null && <VerdictNote verdict={verdict} />}
      <AuditFilters search={search} who={who} onSearch={ask} onWho={askWho} />
      <Loaded result={result} onRetry={reload}>
        {({ auditTrail }) =>
          auditTrail.nodes.length === 0 ? (
            filtered ? (
              <EmptyState icon={<IconSearchOff size={36} />} title={t('admin.audit.nothingFound')}>{t('admin.audit.nothingFoundText')}</EmptyState>
            ) : (
              <EmptyState icon={<IconHistory size={36} />} title={t('admin.audit.empty')} />
            )
          ) : (
            <>
              <Rows rows={auditTrail.nodes} onAbout={(about) => ask({ ...search, about })} />
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

function Rows({ rows, onAbout }: { rows: readonly AuditRow[]; onAbout: (id: string) => void }) {
  const { t } = useTranslation();
  const label = (row: AuditRow) => {
    const action = actionOfRow(row.action);
    return action === undefined ? row.action : t(`admin.audit.actions.${action}`);
  };
  const columns: Column<AuditRow>[] = [
    { key: 'sequence', title: '#', align: 'right', width: 60, render: (row) => row.sequence },
    { key: 'at', title: t('admin.audit.at'), width: 150, render: (row) => <Whole><time dateTime={row.at}>{formatMoment(row.at)}</time></Whole> },
    {
      key: 'actor',
      title: t('admin.audit.actor'),
      render: (row) => (
        <>
          <Whole>{row.actor === '' ? row.actorId : row.actor}</Whole>
          <Text size="xs" c="dimmed">{row.actorKind.toLowerCase().replace('_', ' ')}</Text>
        </>
      ),
    },
    {
      key: 'action',
      title: t('admin.audit.action'),
      heading: true,
      render: (row) => (
        <>
          <Group gap={6} wrap="nowrap">
            {!isRefusal(row) && <Text span inherit fw={500} style={{ whiteSpace: 'nowrap' }}>{label(row)}</Text>}
            {row.outcome === 'DENIED' && <Badge color="orange" leftSection={<IconBan size={11} aria-hidden />}>{isRefusal(row) ? label(row) : t('admin.audit.denied')}</Badge>}
          </Group>
          <Detail text={row.detail} />
        </>
      ),
    },
    {
      key: 'object',
      title: t('admin.audit.object'),
      render: (row) => (
        <>
          <IdText id={row.object} onAbout={onAbout} />
          {row.caseId !== null && row.caseId !== undefined && row.caseId !== row.object && <IdText id={row.caseId} onAbout={onAbout} />}
        </>
      ),
    },
    {
      key: 'address',
      title: t('admin.audit.address'),
      render: (row) => (
        <>
          <Whole>{row.address ?? t('common.none')}</Whole>
          {row.userAgent !== null && row.userAgent !== undefined && <Text size="xs" c="dimmed" maw={220} truncate title={row.userAgent}>{row.userAgent}</Text>}
        </>
      ),
    },
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
  return <RecordTable label={t('admin.audit.title')} rows={rows} columns={columns} rowKey={(row) => String(row.sequence)} tone={(row) => (row.outcome === 'DENIED' ? 'soon' : undefined)} />;
}

/** Whose action says already that it was refused. */
function isRefusal(row: AuditRow): boolean {
  return row.action.startsWith('access.refused');
}

/** One line an event: the trail is read down, not across. */
function Whole({ children }: { children: ReactNode }) {
  return <span style={{ whiteSpace: 'nowrap' }}>{children}</span>;
}

/** A list may name two hundred cases. */
function Detail({ text }: { text: string | null | undefined }) {
  if (text === null || text === undefined || text === '') return null;
  const shown = <span style={{ overflowWrap: 'anywhere' }}>{text}</span>;
  if (text.length <= SHORT_DETAIL) return <Text size="xs" c="dimmed" maw={420}>{shown}</Text>;
  return (
    <Text size="xs" c="dimmed" maw={420} component="details">
      <summary>{text.slice(0, SHORT_DETAIL)}…</summary>
      {shown}
    </Text>
  );
}

/** An id that filters the trail by itself. */
function IdText({ id, onAbout }: { id: string; onAbout: (id: string) => void }) {
  const { t } = useTranslation();
  const text = <Text span ff="monospace" size="xs" style={{ whiteSpace: 'nowrap' }}>{id}</Text>;
  if (!isId(id)) return <div>{text}</div>;
  return (
    <div>
      <UnstyledButton mih={24} onClick={() => onAbout(id)} title={t('admin.audit.onlyThis')} aria-label={`${t('admin.audit.onlyThis')}: ${id}`}>{text}</UnstyledButton>
    </div>
  );
}
