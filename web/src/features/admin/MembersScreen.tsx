/** Who belongs to the tenant, and who has been invited. */
import { Badge, Button, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBan, IconUserPlus } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { dataOf } from '@/api/graphql';
import { useLiveQuery, useSession } from '@/api/useLive';
import { formatDateTime } from '@/ui/format';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { type InvitationRow, type MemberRow, MEMBERS, REVOKE_INVITATION, SET_MEMBER_DISABLED } from './admin.queries';
import { confirmThen } from './confirm';
import { InviteDialog } from './InviteDialog';

export function MembersScreen() {
  const { t } = useTranslation();
  const [inviting, dialog] = useDisclosure(false);
  const [result, reload] = useLiveQuery({ query: MEMBERS }, ['MEMBER']);
  const refresh = () => reload({ requestPolicy: 'network-only' });
  return (
    <Page title={t('admin.members.title')} actions={<Button leftSection={<IconUserPlus size={16} />} onClick={dialog.open}>{t('admin.members.invite')}</Button>}>
      <Loaded result={result} onRetry={refresh}>
        {({ members, invitations }) => (
          <>
            <Invitations rows={invitations.filter((invitation) => invitation.state === 'PENDING')} onChanged={refresh} />
            <Members rows={members} onChanged={refresh} />
          </>
        )}
      </Loaded>
      <InviteDialog opened={inviting} onClose={dialog.close} onInvited={refresh} />
    </Page>
  );
}

function Members({ rows, onChanged }: { rows: readonly MemberRow[]; onChanged: () => void }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const [, setDisabled] = useMutation(SET_MEMBER_DISABLED);
  const [set, busy] = useAction(async (row: MemberRow, disabled: boolean) => {
    dataOf(await setDisabled({ input: { userId: row.userId, disabled } }));
    onChanged();
  });
  const change = (row: MemberRow) => {
    if (row.disabled) void set(row, false);
    else confirmThen(t('admin.members.disableTitle', { name: row.name }), t('admin.members.disableText'), t('admin.members.disable'), () => void set(row, true));
  };
  const columns: Column<MemberRow>[] = [
    { key: 'name', title: t('admin.members.name'), render: (row) => <Text span inherit fw={500} c={row.disabled ? 'dimmed' : undefined}>{row.name}</Text> },
    { key: 'email', title: t('auth.email'), render: (row) => row.email },
    { key: 'role', title: t('admin.members.role'), render: (row) => t(`common.role.${row.role}`) },
    { key: 'facilities', title: t('admin.members.facilities'), render: (row) => row.facilities.map((facility) => facility.name).join(', ') || t('common.none') },
    { key: 'seen', title: t('admin.members.lastSignIn'), render: (row) => (row.lastSignInAt === null || row.lastSignInAt === undefined ? t('admin.members.never') : formatDateTime(row.lastSignInAt)) },
    { key: 'state', title: t('admin.state'), render: (row) => (row.disabled ? <Badge color="red">{t('admin.members.disabled')}</Badge> : <Badge color="green">{t('admin.members.active')}</Badge>) },
    {
      key: 'act',
      title: '',
      align: 'right',
      render: (row) =>
        row.userId !== user.id && (
          <Button size="compact-xs" variant="subtle" color={row.disabled ? 'cyan' : 'gray'} disabled={busy} onClick={() => change(row)} aria-label={`${row.disabled ? t('admin.members.enable') : t('admin.members.disable')}: ${row.name}`}>
            {row.disabled ? t('admin.members.enable') : t('admin.members.disable')}
          </Button>
        ),
    },
  ];
  return <RecordTable label={t('admin.members.title')} rows={rows} columns={columns} rowKey={(row) => row.userId} />;
}

function Invitations({ rows, onChanged }: { rows: readonly InvitationRow[]; onChanged: () => void }) {
  const { t } = useTranslation();
  const [, revokeInvitation] = useMutation(REVOKE_INVITATION);
  const [revoke, busy] = useAction(async (id: string) => {
    dataOf(await revokeInvitation({ input: { invitationId: id } }));
    onChanged();
  }, t('admin.members.revoked'));
  const columns = useMemo<Column<InvitationRow>[]>(
    () => [
      { key: 'email', title: t('auth.email'), render: (row) => row.email },
      { key: 'role', title: t('admin.members.role'), render: (row) => t(`common.role.${row.role}`) },
      { key: 'facilities', title: t('admin.members.facilities'), render: (row) => row.facilities.map((facility) => facility.name).join(', ') || t('common.none') },
      { key: 'expires', title: t('admin.members.expires'), render: (row) => formatDateTime(row.expiresAt) },
      {
        key: 'act',
        title: '',
        align: 'right',
        render: (row) => (
          <Button size="compact-xs" variant="subtle" color="gray" disabled={busy} leftSection={<IconBan size={14} />} onClick={() => void revoke(row.id)} aria-label={`${t('admin.members.revoke')}: ${row.email}`}>
            {t('admin.members.revoke')}
          </Button>
        ),
      },
    ],
    [busy, revoke, t],
  );
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('admin.members.pending')}>
      <Title order={2} mb="xs">{t('admin.members.pending')}</Title>
      <RecordTable label={t('admin.members.pending')} rows={rows} columns={columns} rowKey={(row) => row.id} />
    </section>
  );
}
