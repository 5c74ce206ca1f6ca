/** Sign-in, with the choice of organisation for people who belong to several. */
import { Alert, Anchor, Button, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { ApiError } from '@/api/request';
import { session } from '@/api/session';
import { Gate } from './Gate';
import { tenantsOf, type TenantChoice } from './tenantChoice';

export function SignInPage() {
  const { t } = useTranslation();
  const [failure, setFailure] = useState<unknown>(null);
  const [tenants, setTenants] = useState<TenantChoice[]>([]);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '', tenant: '' },
    validate: {
      email: (value) => (value.trim() === '' ? t('auth.required') : null),
      password: (value) => (value === '' ? t('auth.required') : null),
    },
  });

  const submit = form.onSubmit(async ({ email, password, tenant }) => {
    setBusy(true);
    setFailure(null);
    try {
      await session.signIn(email.trim(), password, tenant === '' ? undefined : tenant);
    } catch (cause) {
      const choice = tenantsOf(cause);
      if (choice.length > 0) {
        setTenants(choice);
        form.setFieldValue('tenant', choice[0]?.slug ?? '');
      } else {
        setFailure(cause);
      }
    } finally {
      setBusy(false);
    }
  });

  const choosing = tenants.length > 0;
  const startOver = () => {
    setTenants([]);
    form.reset();
  };

  return (
    <Gate title={t('auth.title')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <SignInFailure cause={failure} />
          {/* Both fields stay mounted while choosing, so that password managers see one sign-in. */}
          <div hidden={choosing}>
            <Stack gap="md">
              <TextInput label={t('auth.email')} type="email" autoComplete="username" autoFocus key={form.key('email')} {...form.getInputProps('email')} />
              <PasswordInput label={t('auth.password')} autoComplete="current-password" key={form.key('password')} {...form.getInputProps('password')} />
            </Stack>
          </div>
          {choosing && (
            <Radio.Group label={t('auth.organisation')} description={t('auth.chooseOrganisation')} key={form.key('tenant')} {...form.getInputProps('tenant')}>
              <Stack gap="xs" mt="sm">
                {tenants.map((tenant) => (
                  <Radio key={tenant.slug} value={tenant.slug} label={tenant.name} />
                ))}
              </Stack>
            </Radio.Group>
          )}
          <Button type="submit" loading={busy} fullWidth>{t('auth.signIn')}</Button>
          {choosing && <Anchor component="button" type="button" size="sm" onClick={startOver}>{t('auth.otherAccount')}</Anchor>}
        </Stack>
      </form>
    </Gate>
  );
}

/** Why the person is still outside, and for how long. */
export function SignInFailure({ cause }: { cause: unknown }) {
  const { t } = useTranslation();
  if (cause === null) return null;
  const wait = cause instanceof ApiError ? cause.retryAfterSeconds : null;
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle size={18} aria-hidden />}>
      <Text size="sm">{messageOf(cause)}</Text>
      {wait !== null && <Text size="sm">{t('auth.waitSeconds', { count: wait })}</Text>}
    </Alert>
  );
}
