/** Invites somebody by mail. Facility staff need at least one facility; others work for the whole tenant. */
import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { dataOf } from '@/api/graphql';
import { ApiError } from '@/api/request';
import type { Role } from '@/gql/enums';
import { notifyDone } from '@/ui/notify';
import { ErrorNote } from '@/ui/State';
import { INVITE_MEMBER } from './admin.queries';

const ROLES: readonly Role[] = ['FACILITY_STAFF', 'RADIOLOGIST', 'TENANT_ADMIN'];

export function InviteDialog({ opened, onClose, onInvited }: { opened: boolean; onClose: () => void; onInvited: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t('admin.members.invite')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <InviteForm onClose={onClose} onInvited={onInvited} />
    </Modal>
  );
}

function InviteForm({ onClose, onInvited }: { onClose: () => void; onInvited: () => void }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: FACILITY_CHOICES });
  const [, invite] = useMutation(INVITE_MEMBER);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<{ email: string; role: Role; facilityIds: string[] }>({
    initialValues: { email: '', role: 'FACILITY_STAFF', facilityIds: [] },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('admin.members.emailWrong')),
      facilityIds: (value, { role }) => (role === 'FACILITY_STAFF' && value.length === 0 ? t('admin.members.facilityNeeded') : null),
    },
  });
  const needsFacility = form.values.role === 'FACILITY_STAFF';

  const submit = form.onSubmit(async ({ email, role, facilityIds }) => {
    setBusy(true);
    setProblem(null);
    try {
      dataOf(await invite({ input: { email: email.trim(), role, facilityIds: role === 'FACILITY_STAFF' ? facilityIds : [] } }));
      notifyDone(t('admin.members.invited', { email: email.trim() }));
      onInvited();
      onClose();
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'EMAIL_TAKEN') form.setFieldError('email', t('error.EMAIL_TAKEN'));
      else setProblem(cause);
      setBusy(false);
    }
  });

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem !== null && <ErrorNote cause={problem} />}
        <TextInput label={t('auth.email')} type="email" required data-autofocus {...form.getInputProps('email')} />
        <NativeSelect
          label={t('admin.members.role')}
          data={ROLES.map((role) => ({ value: role, label: t(`common.role.${role}`) }))}
          {...form.getInputProps('role')}
        />
        {needsFacility && (
          <Checkbox.Group label={t('admin.members.facilities')} required {...form.getInputProps('facilityIds')}>
            <Stack gap={8} mt={6}>
              {(data?.facilities ?? []).map(({ id, name, code }) => (
                <Checkbox key={id} value={id} label={`${name} (${code})`} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Text size="xs" c="dimmed">{t('admin.members.inviteHint')}</Text>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" loading={busy}>{t('admin.members.sendInvitation')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
