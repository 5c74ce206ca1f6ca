/**
 * Makes a key and shows its secret once.
 *
 * **Invariant:** the secret lives in this dialog only; closing it is the end of it.
 */
import { Alert, Button, Checkbox, Code, CopyButton, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { dataOf } from '@/api/graphql';
import type { ApiScope } from '@/gql/enums';
import { ErrorNote } from '@/ui/State';
import { CREATE_API_KEY } from './admin.queries';

const SCOPES: readonly ApiScope[] = ['STUDIES_WRITE', 'STUDIES_READ', 'STUDIES_DELETE', 'CASES_READ'];

export function ApiKeyDialog({ opened, onClose, onCreated }: { opened: boolean; onClose: () => void; onCreated: () => void }) {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      // A secret that was not copied yet should not vanish with a stray click.
      closeOnClickOutside={secret === null}
      closeOnEscape={secret === null}
      title={t('admin.apiKeys.create')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {secret === null ? (
        <KeyForm
          onClose={close}
          onCreated={(made) => {
            setSecret(made);
            onCreated();
          }}
        />
      ) : (
        <Secret secret={secret} onClose={close} />
      )}
    </Modal>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Alert color="yellow" icon={<IconKey size={18} />}>{t('admin.apiKeys.once')}</Alert>
      <Code block aria-label={t('admin.apiKeys.secret')} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{secret}</Code>
      <Group justify="flex-end">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />} onClick={copy}>
              {copied ? t('common.copied') : t('common.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{t('admin.apiKeys.done')}</Button>
      </Group>
    </Stack>
  );
}

function KeyForm({ onClose, onCreated }: { onClose: () => void; onCreated: (secret: string) => void }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: FACILITY_CHOICES });
  const [, create] = useMutation(CREATE_API_KEY);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm<{ name: string; scopes: ApiScope[]; facilityId: string }>({
    initialValues: { name: '', scopes: ['STUDIES_WRITE'], facilityId: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t('auth.required') : null),
      scopes: (value) => (value.length === 0 ? t('admin.apiKeys.scopeNeeded') : null),
    },
  });
  const submit = form.onSubmit(async ({ name, scopes, facilityId }) => {
    setBusy(true);
    setProblem(null);
    try {
      const made = dataOf(await create({ input: { name: name.trim(), scopes, facilityId: facilityId === '' ? null : facilityId } }));
      onCreated(made.createApiKey.secret);
    } catch (cause) {
      setProblem(cause);
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem !== null && <ErrorNote cause={problem} />}
        <TextInput label={t('admin.apiKeys.name')} description={t('admin.apiKeys.nameHint')} required data-autofocus {...form.getInputProps('name')} />
        <Checkbox.Group label={t('admin.apiKeys.scopes')} required {...form.getInputProps('scopes')}>
          <Stack gap={8} mt={6}>
            {SCOPES.map((scope) => <Checkbox key={scope} value={scope} label={t(`admin.apiKeys.scope.${scope}`)} />)}
          </Stack>
        </Checkbox.Group>
        <NativeSelect
          label={t('cases.facility')}
          description={t('admin.apiKeys.facilityHint')}
          data={[{ value: '', label: t('admin.apiKeys.anyFacility') }, ...(data?.facilities ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
          {...form.getInputProps('facilityId')}
        />
        <Text size="xs" c="dimmed">{t('admin.apiKeys.onceHint')}</Text>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" loading={busy}>{t('admin.apiKeys.create')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
