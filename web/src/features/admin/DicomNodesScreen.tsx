/** The applications that speak DICOM with us. */
import { Badge, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlugConnected, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { FACILITY_CHOICES } from '@/api/facilities';
import { dataOf } from '@/api/graphql';
import { notifyDone, notifyWarning } from '@/ui/notify';
import { Page } from '@/ui/Page';
import { type Column, RecordTable } from '@/ui/RecordTable';
import { EmptyState, Loaded } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { DICOM_NODES, type DicomNodeRow, REMOVE_DICOM_NODE, VERIFY_DICOM_NODE } from './admin.queries';
import { confirmThen } from './confirm';
import { DicomNodeDialog } from './DicomNodeDialog';

export function DicomNodesScreen() {
  const { t } = useTranslation();
  const [opened, dialog] = useDisclosure(false);
  const [edited, setEdited] = useState<DicomNodeRow | null>(null);
  const [result, reload] = useQuery({ query: DICOM_NODES });
  const [{ data: choices }] = useQuery({ query: FACILITY_CHOICES });
  const refresh = () => reload({ requestPolicy: 'network-only' });
  const [, removeNode] = useMutation(REMOVE_DICOM_NODE);
  const [, verifyNode] = useMutation(VERIFY_DICOM_NODE);
  const [remove, removing] = useAction(async (id: string) => {
    dataOf(await removeNode({ input: { nodeId: id } }));
    refresh();
  }, t('admin.nodes.removed'));
  const [verify, verifying] = useAction(async (row: DicomNodeRow) => {
    const { verifyDicomNode } = dataOf(await verifyNode({ input: { nodeId: row.id } }));
    if (verifyDicomNode.answered) notifyDone(t('admin.nodes.answered', { name: row.name, milliseconds: verifyDicomNode.milliseconds }));
    else notifyWarning(t('admin.nodes.silent', { name: row.name, problem: verifyDicomNode.problem ?? '' }));
  });
  const open = (row: DicomNodeRow | null) => {
    setEdited(row);
    dialog.open();
  };
  const facilityOf = (id: string) => choices?.facilities.find((facility) => facility.id === id)?.name ?? '';
  const columns: Column<DicomNodeRow>[] = [
    { key: 'name', title: t('admin.nodes.name'), render: (row) => <Text span inherit fw={500}>{row.name}</Text> },
    {
      key: 'titles',
      title: t('admin.nodes.titles'),
      render: (row) => <Text span ff="monospace" size="xs">{row.peerTitle === '*' ? t('admin.nodes.anyTitle') : row.peerTitle} → {row.calledTitle}</Text>,
    },
    { key: 'facility', title: t('cases.facility'), render: (row) => facilityOf(row.facilityId) },
    {
      key: 'rights',
      title: t('admin.nodes.rights'),
      render: (row) => <Group gap={4}>{row.rights.map((right) => <Badge key={right} color="gray">{t(`admin.nodes.right.${right}`)}</Badge>)}</Group>,
    },
    { key: 'address', title: t('admin.nodes.address'), render: (row) => (row.host == null ? '–' : <Text span ff="monospace" size="xs">{`${row.host}:${row.port}`}{row.usesTls ? ' TLS' : ''}</Text>) },
    { key: 'state', title: t('admin.state'), render: (row) => (row.isEnabled ? <Badge color="green">{t('admin.members.active')}</Badge> : <Badge color="gray">{t('admin.members.disabled')}</Badge>) },
    {
      key: 'act',
      title: '',
      align: 'right',
      render: (row) => (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          {row.host != null && row.isEnabled && (
            <Button size="compact-xs" variant="subtle" disabled={verifying} aria-label={`${t('admin.nodes.verify')}: ${row.name}`} onClick={() => void verify(row)}>{t('admin.nodes.verify')}</Button>
          )}
          <Button size="compact-xs" variant="subtle" aria-label={`${t('admin.nodes.edit')}: ${row.name}`} onClick={() => open(row)}>{t('admin.nodes.edit')}</Button>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            disabled={removing}
            aria-label={`${t('admin.nodes.remove')}: ${row.name}`}
            onClick={() => confirmThen(t('admin.nodes.removeTitle', { name: row.name }), t('admin.nodes.removeText'), t('admin.nodes.remove'), () => void remove(row.id))}
          >
            {t('admin.nodes.remove')}
          </Button>
        </Group>
      ),
    },
  ];
  return (
    <Page title={t('admin.nodes.title')} actions={<Button leftSection={<IconPlus size={16} />} onClick={() => open(null)}>{t('admin.nodes.add')}</Button>}>
      <Loaded result={result} onRetry={refresh}>
        {({ dicomNodes }) =>
          dicomNodes.length === 0 ? (
            <EmptyState icon={<IconPlugConnected size={36} />} title={t('admin.nodes.empty')}>{t('admin.nodes.emptyText')}</EmptyState>
          ) : (
            <RecordTable label={t('admin.nodes.title')} rows={dicomNodes} columns={columns} rowKey={(row) => row.id} />
          )
        }
      </Loaded>
      <DicomNodeDialog key={edited?.id ?? 'new'} opened={opened} node={edited} onClose={dialog.close} onSaved={refresh} />
    </Page>
  );
}
