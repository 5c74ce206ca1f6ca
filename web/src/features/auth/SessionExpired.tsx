/** Asks for the password again over the page that was open, which stays as it was. */
import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { session } from '@/api/session';
import { useSessionState } from '@/api/useLive';
import { SignInFailure } from './SignInPage';

export function SessionExpired() {
  const { t } = useTranslation();
  const state = useSessionState();
  const [password, setPassword] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (state.kind !== 'EXPIRED') return null;
  const { user, tenant } = state.session;

  const signIn = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await session.signIn(user.email, password, tenant?.slug);
      setPassword('');
    } catch (cause) {
      setFailure(cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} closeOnEscape={false} closeOnClickOutside={false} title={t('auth.expired.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <Stack gap="md">
          <Text size="sm">{t('auth.expired.text')}</Text>
          <SignInFailure cause={failure} />
          <TextInput label={t('auth.email')} value={user.email} readOnly autoComplete="username" />
          <PasswordInput
            label={t('auth.password')}
            autoComplete="current-password"
            data-autofocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Group justify="space-between">
            <Button variant="subtle" onClick={() => void session.signOut().catch(() => undefined)}>{t('auth.expired.signOut')}</Button>
            <Button type="submit" loading={busy} disabled={password === ''}>{t('auth.signIn')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
