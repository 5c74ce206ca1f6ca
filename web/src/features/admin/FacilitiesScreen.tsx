/** The imaging centres of the tenant. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconBuildingHospital, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { dataOf } from '@/api/graphql';
import { ApiError } from '@/api/request';
import { useLiveQuery } from '@/api/useLive';
import { formatDateTime } from '@/ui/format';
import { notifyDone } from '@/ui/notify';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, ErrorNote, Loaded } from '@/ui/State';
import { ADD_FACILITY, FACILITIES, type FacilityRow } from './admin.queries';

export function FacilitiesScreen() {
  const { t } = useTranslation();
  const [adding, dialog] = useDisclosure(false);
  const [result, reload] = useLiveQuery({ query: FACILITIES }, ['FACILITY']);
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const columns: Column<FacilityRow>[] = [
    { key: 'name', title: t('admin.facilities.name'), render: (row) => <Text span inherit fw={500}>{row.name}</Text> },
    { key: 'code', title: t('admin.facilities.code'), render: (row) => row.code },
    { key: 'email', title: t('admin.facilities.reportEmail'), render: (row) => row.reportEmail ?? t('common.none') },
    { key: 'since', title: t('admin.created'), render: (row) => formatDateTime(row.createdAt) },
  ];
  return (
    <Page title={t('admin.facilities.title')} actions={<Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>{t('admin.facilities.add')}</Button>}>
      <Loaded result={result} onRetry={refresh}>
        {({ facilities }) =>
          facilities.length === 0 ? (
            <EmptyState icon={<IconBuildingHospital size={36} />} title={t('admin.facilities.empty')}>{t('admin.facilities.emptyText')}</EmptyState>
          ) : (
            <RecordTable label={t('admin.facilities.title')} rows={facilities} columns={columns} rowKey={(row) => row.id} />
          )
        }
      </Loaded>
      <Modal opened={adding} onClose={dialog.close} title={t('admin.facilities.add')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        <FacilityForm onClose={dialog.close} onAdded={refresh} />
      </Modal>
    </Page>
  );
}

function FacilityForm({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const { t } = useTranslation();
  const [, add] = useMutation(ADD_FACILITY);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { name: '', code: '', reportEmail: '' },
    validate: {
      name: (value) => (value.trim() === '' ? t('auth.required') : null),
      code: (value) => (/^[A-Za-z0-9_-]{1,32}$/.test(value.trim()) ? null : t('admin.facilities.codeWrong')),
      reportEmail: (value) => (value.trim() === '' || /^\S+@\S+$/.test(value.trim()) ? null : t('admin.members.emailWrong')),
    },
  });
  const submit = form.onSubmit(async ({ name, code, reportEmail }) => {
    setBusy(true);
    setProblem(null);
    try {
      const email = reportEmail.trim();
      dataOf(await add({ input: { name: name.trim(), code: code.trim(), reportEmail: email === '' ? null : email } }));
      notifyDone(t('admin.facilities.added', { name: name.trim() }));
      onAdded();
      onClose();
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'NAME_TAKEN') form.setFieldError('code', t('error.NAME_TAKEN'));
      else setProblem(cause);
      if (cause instanceof ApiError) for (const field of cause.fields) form.setFieldError(field, t('error.INVALID_INPUT'));
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem !== null && <ErrorNote cause={problem} />}
        <TextInput label={t('admin.facilities.name')} required data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('admin.facilities.code')} description={t('admin.facilities.codeHint')} required {...form.getInputProps('code')} />
        <TextInput label={t('admin.facilities.reportEmail')} description={t('admin.facilities.reportEmailHint')} type="email" {...form.getInputProps('reportEmail')} />
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" loading={busy}>{t('admin.facilities.add')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
