/** What an administrator decides about a study: keep it by law, or delete it. Each asks for a reason first. */
import { Alert, Button, Card, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconLock, IconLockOpen, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import { dataOf } from '@/api/graphql';
import { formatDateTime } from '@/ui/format';
import { notifyDone } from '@/ui/notify';
import { ErrorNote } from '@/ui/State';
import { type CaseDetail, DELETE_STUDY, LEGAL_HOLDS, LIFT_LEGAL_HOLD, PLACE_LEGAL_HOLD } from './cases.queries';

type Deed = 'hold' | 'lift' | 'delete';

export function StudyLife({ detail, onChanged }: { detail: CaseDetail; onChanged: () => void }) {
  const { t } = useTranslation();
  const [deed, setDeed] = useState<Deed | null>(null);
  const { study } = detail;
  return (
    <Card component="section" aria-label={t('cases.life.title')}>
      <Stack gap="sm">
        <Text fw={600}>{t('cases.life.title')}</Text>
        {study.onLegalHold && <Holds studyId={study.id} />}
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<IconLock size={14} />} onClick={() => setDeed('hold')}>{t('cases.life.hold')}</Button>
          {study.onLegalHold ? (
            <Button size="xs" variant="default" leftSection={<IconLockOpen size={14} />} onClick={() => setDeed('lift')}>{t('cases.life.lift')}</Button>
          ) : (
            <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={14} />} onClick={() => setDeed('delete')}>{t('cases.life.delete')}</Button>
          )}
        </Group>
      </Stack>
      <Modal opened={deed !== null} onClose={() => setDeed(null)} title={deed === null ? '' : t(`cases.life.${deed}`)} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {deed !== null && <DeedForm deed={deed} detail={detail} onClose={() => setDeed(null)} onChanged={onChanged} />}
      </Modal>
    </Card>
  );
}

function Holds({ studyId }: { studyId: string }) {
  const { t } = useTranslation();
  const [{ data }] = useQuery({ query: LEGAL_HOLDS, variables: { studyId }, requestPolicy: 'cache-and-network' });
  return (
    <Alert color="yellow" icon={<IconLock size={18} />} title={t('cases.life.held')}>
      {(data?.legalHolds ?? []).map(({ id, reason, placedBy, placedAt }) => (
        <Text key={id} size="sm">{t('cases.life.heldBy', { reason, name: placedBy, at: formatDateTime(placedAt) })}</Text>
      ))}
    </Alert>
  );
}

function DeedForm({ deed, detail, onClose, onChanged }: { deed: Deed; detail: CaseDetail; onClose: () => void; onChanged: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [, place] = useMutation(PLACE_LEGAL_HOLD);
  const [, lift] = useMutation(LIFT_LEGAL_HOLD);
  const [, remove] = useMutation(DELETE_STUDY);
  const [reason, setReason] = useState('');
  const [withReport, setWithReport] = useState(false);
  const [missing, setMissing] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const studyId = detail.study.id;
  const isReported = (detail.report?.versions.length ?? 0) > 0;

  const act = async () => {
    if (deed === 'delete') {
      dataOf(await remove({ input: { studyId, reason, withReport } }));
      notifyDone(t('cases.life.deleted'));
      void navigate({ to: '/cases' });
      return;
    }
    const input = { studyId, reason };
    if (deed === 'hold') dataOf(await place({ input }));
    else dataOf(await lift({ input }));
    notifyDone(t(deed === 'hold' ? 'cases.life.holdPlaced' : 'cases.life.lifted'));
    onClose();
    onChanged();
  };
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    setMissing(reason.trim() === '');
    if (reason.trim() === '') return;
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (cause) {
      setProblem(cause);
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {problem !== null && <ErrorNote cause={problem} />}
        <Text size="sm">{t(`cases.life.${deed}Text`)}</Text>
        <TextInput
          label={t('cases.life.reason')}
          description={t('cases.life.reasonHint')}
          required
          data-autofocus
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={missing ? t('cases.life.reasonNeeded') : null}
        />
        {deed === 'delete' && isReported && (
          <Checkbox label={t('cases.life.withReport')} checked={withReport} onChange={(event) => setWithReport(event.currentTarget.checked)} />
        )}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" loading={busy} color={deed === 'delete' ? 'red' : undefined}>{t(`cases.life.${deed}`)}</Button>
        </Group>
      </Stack>
    </form>
  );
}
