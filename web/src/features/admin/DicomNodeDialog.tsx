/** Describes an application that speaks DICOM with us: who it is, what it may do, where it listens. */
import { Button, Checkbox, Group, Modal, NativeSelect, NumberInput, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { dataOf } from '@/api/graphql';
import type { NodeRight } from '@/gql/enums';
import { notifyDone } from '@/ui/notify';
import { ErrorNote } from '@/ui/State';
import { ADD_DICOM_NODE, CHANGE_DICOM_NODE, type DicomNodeRow } from './admin.queries';

const RIGHTS: readonly NodeRight[] = ['STORE', 'FIND', 'MOVE', 'GET', 'COMMIT'];
const ANY = '*';

interface Props {
  opened: boolean;
  /** The node to change; none to add one. */
  node: DicomNodeRow | null;
  onClose: () => void;
  onSaved: () => void;
}

export function DicomNodeDialog({ opened, node, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={t(node === null ? 'admin.nodes.add' : 'admin.nodes.edit')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <NodeForm node={node} onClose={onClose} onSaved={onSaved} />
    </Modal>
  );
}

/** One entry a line, or between commas. */
const listOf = (text: string) => text.split(/[\s,]+/).filter((entry) => entry !== '');

function NodeForm({ node, onClose, onSaved }: Omit<Props, 'opened'>) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: FACILITY_CHOICES });
  const [, add] = useMutation(ADD_DICOM_NODE);
  const [, change] = useMutation(CHANGE_DICOM_NODE);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const facilities = data?.facilities ?? [];
  const needed = (value: string) => (value.trim() === '' ? t('auth.required') : null);
  const form = useForm({
    initialValues: {
      name: node?.name ?? '',
      facilityId: node?.facilityId ?? '',
      calledTitle: node?.calledTitle ?? '',
      peerTitle: node?.peerTitle ?? '',
      addresses: (node?.addresses ?? []).join('\n'),
      certificates: (node?.certificates ?? []).join('\n'),
      requiresTls: node?.requiresTls ?? false,
      rights: [...(node?.rights ?? ['STORE'])] as NodeRight[],
      takesPrivateClasses: node?.takesPrivateClasses ?? true,
      host: node?.host ?? '',
      port: (node?.port ?? '') as number | '',
      usesTls: node?.usesTls ?? false,
      isEnabled: node?.isEnabled ?? true,
    },
    validate: {
      name: needed,
      calledTitle: needed,
      peerTitle: needed,
      addresses: (value, { peerTitle, certificates }) => (peerTitle.trim() === ANY && value.trim() === '' && certificates.trim() === '' ? t('admin.nodes.heldNeeded') : null),
      port: (value, { host }) => ((host.trim() === '') === (value === '') ? null : t('admin.nodes.portNeeded')),
    },
  });
  const submit = form.onSubmit(async (values) => {
    setBusy(true);
    setProblem(null);
    const input = {
      ...values,
      facilityId: values.facilityId === '' ? (facilities[0]?.id ?? '') : values.facilityId,
      addresses: listOf(values.addresses),
      certificates: listOf(values.certificates),
      host: values.host.trim() === '' ? null : values.host.trim(),
      port: values.port === '' ? null : values.port,
    };
    try {
      if (node === null) dataOf(await add({ input }));
      else dataOf(await change({ input: { nodeId: node.id, node: input } }));
      notifyDone(t('admin.nodes.saved', { name: input.name }));
      onSaved();
      onClose();
    } catch (cause) {
      setProblem(cause);
    } finally {
      setBusy(false);
    }
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {problem !== null && <ErrorNote cause={problem} />}
        <Group grow align="flex-start">
          <TextInput label={t('admin.nodes.name')} description={t('admin.nodes.nameHint')} required data-autofocus {...form.getInputProps('name')} />
          <NativeSelect label={t('cases.facility')} description={t('admin.nodes.facilityHint')} data={facilities.map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps('facilityId')} />
        </Group>
        <Group grow align="flex-start">
          <TextInput label={t('admin.nodes.peerTitle')} description={t('admin.nodes.peerTitleHint')} maxLength={16} required {...form.getInputProps('peerTitle')} />
          <TextInput label={t('admin.nodes.calledTitle')} description={t('admin.nodes.calledTitleHint')} maxLength={16} required {...form.getInputProps('calledTitle')} />
        </Group>
        <Checkbox.Group label={t('admin.nodes.rights')} {...form.getInputProps('rights')}>
          <Group gap="md" mt={6}>{RIGHTS.map((right) => <Checkbox key={right} value={right} label={t(`admin.nodes.right.${right}`)} />)}</Group>
        </Checkbox.Group>
        <Group grow align="flex-start">
          <Textarea label={t('admin.nodes.addresses')} description={t('admin.nodes.addressesHint')} autosize minRows={2} {...form.getInputProps('addresses')} />
          <Textarea label={t('admin.nodes.certificates')} description={t('admin.nodes.certificatesHint')} autosize minRows={2} {...form.getInputProps('certificates')} />
        </Group>
        <Group grow align="flex-start">
          <TextInput label={t('admin.nodes.host')} description={t('admin.nodes.hostHint')} {...form.getInputProps('host')} />
          <NumberInput label={t('admin.nodes.port')} description={t('admin.nodes.portHint')} min={1} max={65535} hideControls allowDecimal={false} thousandSeparator="" {...form.getInputProps('port')} />
        </Group>
        <Group gap="lg">
          <Switch label={t('admin.nodes.requiresTls')} {...form.getInputProps('requiresTls', { type: 'checkbox' })} />
          <Switch label={t('admin.nodes.usesTls')} {...form.getInputProps('usesTls', { type: 'checkbox' })} />
          <Switch label={t('admin.nodes.takesPrivateClasses')} {...form.getInputProps('takesPrivateClasses', { type: 'checkbox' })} />
          <Switch label={t('admin.nodes.isEnabled')} {...form.getInputProps('isEnabled', { type: 'checkbox' })} />
        </Group>
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" loading={busy}>{t('admin.nodes.save')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
