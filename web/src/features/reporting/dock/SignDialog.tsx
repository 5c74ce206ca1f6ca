import { Alert, Button, Group, List, Modal, PasswordInput, SegmentedControl, Stack, Text } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { ApiError } from '@/api/request';
import type { SignKind } from '@/gql/enums';
import { formatDicomDate } from '@/ui/format';
import type { Gap, Section } from '../model/gaps';
import { NewImagesNotice } from '../reading/NewImagesNotice';
import { Refusal } from './Refusal';

export interface SignSummary {
  patient: string;
  patientId: string;
  birthDate: string | null | undefined;
  sex: string | null | undefined;
  study: string;
  studyDate: string | null | undefined;
}

interface SignDialogProps {
  summary: SignSummary;
  sections: readonly Section[];
  gaps: readonly Gap[];
  /** Images that arrived since the reader last looked: nobody signs for what they have not seen. */
  newImages: number;
  onNewImagesSeen: () => void;
  onClose: () => void;
  /** Errors: `ApiError`; a wrong password leaves the dialog as it is. */
  onSign: (kind: SignKind, password: string) => Promise<void>;
}

/** The signature: what is signed, how far, and who signs. */
export function SignDialog({ summary, sections, gaps, newImages, onNewImagesSeen, onClose, onSign }: SignDialogProps) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<SignKind>('FINAL');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const wrongPassword = failure instanceof ApiError && failure.code === 'WRONG_PASSWORD';
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy || gaps.length > 0 || newImages > 0 || password === '') return;
    setBusy(true);
    setFailure(undefined);
    try {
      await onSign(kind, password);
    } catch (cause) {
      setFailure(cause);
      setPassword('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('reporting.sign.title')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <div>
            <Text fw={600}>{summary.patient}</Text>
            <Text size="sm" c="dimmed" className="tabular">
              {[summary.sex, summary.birthDate && `* ${formatDicomDate(summary.birthDate)}`, summary.patientId].filter(Boolean).join(' · ')}
            </Text>
            <Text size="sm" mt={4}>{[summary.study, summary.studyDate && formatDicomDate(summary.studyDate)].filter(Boolean).join(' · ')}</Text>
          </div>
          {newImages > 0 && <NewImagesNotice count={newImages} onSeen={onNewImagesSeen} />}
          {gaps.length > 0 ? (
            <Alert color="orange" variant="light" role="alert" title={t('reporting.sign.gaps')}>
              <List size="sm">
                {gaps.map((gap) => (
                  <List.Item key={gap.kind === 'MISSING' ? gap.key : `${gap.key} ${gap.placeholder}`}>
                    {gap.kind === 'MISSING'
                      ? t('reporting.sign.missing', { section: gap.title })
                      : t('reporting.sign.placeholder', { section: gap.title, placeholder: gap.placeholder })}
                  </List.Item>
                ))}
              </List>
            </Alert>
          ) : (
            <>
              <SegmentedControl
                fullWidth
                value={kind}
                onChange={(value) => setKind(value as SignKind)}
                aria-label={t('reporting.sign.kind')}
                data={[
                  { value: 'PRELIMINARY', label: t('reporting.kind.PRELIMINARY') },
                  { value: 'FINAL', label: t('reporting.kind.FINAL') },
                ]}
              />
              <Text size="xs" c="dimmed">{t(kind === 'FINAL' ? 'reporting.sign.finalHint' : 'reporting.sign.preliminaryHint')}</Text>
              <PasswordInput
                label={t('reporting.sign.password')}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                error={wrongPassword ? messageOf(failure) : undefined}
                autoComplete="current-password"
                data-autofocus
                required
                withAsterisk={false}
              />
            </>
          )}
          {failure !== undefined && !wrongPassword && <Refusal cause={failure} sections={sections} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t(gaps.length > 0 ? 'reporting.sign.back' : 'common.cancel')}</Button>
            {gaps.length === 0 && (
              <Button type="submit" loading={busy} disabled={password === '' || newImages > 0}>
                {t(kind === 'FINAL' ? 'reporting.sign.signFinal' : 'reporting.sign.signPreliminary')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
