/**
 * Turns an invitation into an account.
 *
 * **Invariant:** the token stands in the URL's fragment, which no server sees, and leaves the address bar at once.
 */
import { Button, Loader, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Role } from '@/gql/enums';
import { ApiError, sendForJson } from '@/api/request';
import { session } from '@/api/session';
import { formatDateTime } from '@/ui/format';
import { Gate } from './Gate';
import { SignInFailure } from './SignInPage';

interface InvitationBody {
  email: string;
  role: Role;
  tenant: { name: string } | null;
  expires_at: string;
}

const SHORTEST_PASSWORD = 10;

/** Reads the token once and takes it out of the address bar and the history entry. */
function takeToken(): string {
  const token = window.location.hash.slice(1);
  if (token !== '') window.history.replaceState(window.history.state, '', window.location.pathname);
  return token;
}

export function AcceptInvitationPage() {
  const { t } = useTranslation();
  const [token] = useState(takeToken);
  const [invitation, setInvitation] = useState<InvitationBody | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  useEffect(() => {
    if (token === '') return;
    sendForJson<InvitationBody>('/auth/invitations/inspect', { json: { token } }).then(setInvitation, setFailure);
  }, [token]);

  const dead = token === '' || (invitation === null && failure !== null);
  return (
    <Gate title={t('auth.invitation.title')}>
      {token === '' && <Text>{t('auth.invitation.missing')}</Text>}
      {token !== '' && invitation === null && failure === null && <Loader size="sm" aria-label={t('common.loading')} />}
      <SignInFailure cause={failure} />
      {invitation !== null && (
        <>
          <Text size="sm">
            {t('auth.invitation.text', { tenant: invitation.tenant?.name ?? 'telerad', role: t(`common.role.${invitation.role}`) })}
          </Text>
          <AcceptForm token={token} email={invitation.email} onFailure={setFailure} />
          <Text size="xs" c="dimmed">{t('auth.invitation.validUntil', { at: formatDateTime(invitation.expires_at) })}</Text>
        </>
      )}
      {dead && <Button component="a" href="/sign-in" variant="default">{t('auth.invitation.toSignIn')}</Button>}
    </Gate>
  );
}

function AcceptForm({ token, email, onFailure }: { token: string; email: string; onFailure: (cause: unknown) => void }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', password: '', repeat: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t('auth.required') : null),
      password: (value) => (value.length < SHORTEST_PASSWORD ? t('auth.invitation.tooShort') : null),
      repeat: (value, values) => (value === values.password ? null : t('auth.invitation.differs')),
    },
  });
  const submit = form.onSubmit(async ({ name, password }) => {
    setBusy(true);
    onFailure(null);
    try {
      await session.acceptInvitation(token, name.trim(), password);
      window.location.replace('/');
    } catch (cause) {
      if (cause instanceof ApiError) for (const field of cause.fields) form.setFieldError(field, t('error.INVALID_INPUT'));
      onFailure(cause);
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput label={t('auth.email')} value={email} readOnly autoComplete="username" />
        <TextInput label={t('auth.invitation.name')} autoComplete="name" autoFocus key={form.key('name')} {...form.getInputProps('name')} />
        <PasswordInput label={t('auth.invitation.newPassword')} description={t('auth.invitation.passwordHint')} autoComplete="new-password" key={form.key('password')} {...form.getInputProps('password')} />
        <PasswordInput label={t('auth.invitation.repeat')} autoComplete="new-password" key={form.key('repeat')} {...form.getInputProps('repeat')} />
        <Button type="submit" loading={busy} fullWidth>{t('auth.invitation.accept')}</Button>
      </Stack>
    </form>
  );
}
