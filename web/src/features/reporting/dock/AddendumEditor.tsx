import { Button, Group, PasswordInput, Stack, Textarea } from '@mantine/core';
import { type SyntheticEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { ApiError } from '@/api/request';
import { readLocalAddendum, writeLocalAddendum } from '../draft/localDrafts';
import { keepable } from '../model/text';
import { Refusal } from './Refusal';

interface AddendumEditorProps {
  caseId: string;
  userId: string;
  /** Errors: `ApiError`. */
  onAdd: (text: string, password: string) => Promise<void>;
}

/** A signed report is never edited; what is found later follows it, signed on its own. */
export function AddendumEditor({ caseId, userId, onAdd }: AddendumEditorProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    readLocalAddendum(caseId, userId).then((kept) => {
      if (kept === '') return;
      setText((typed) => typed || kept);
      setOpen(true);
    }, () => undefined);
  }, [caseId, userId]);
  const write = (typed: string) => {
    const value = keepable(typed);
    setText(value);
    writeLocalAddendum(caseId, userId, value, Date.now()).catch(() => undefined);
  };
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await onAdd(text.trim(), password);
      write('');
      setOpen(false);
    } catch (cause) {
      setFailure(cause);
    } finally {
      setPassword('');
      setBusy(false);
    }
  };
  if (!open) return <Button variant="default" size="xs" onClick={() => setOpen(true)}>{t('reporting.addendum.start')}</Button>;
  const wrongPassword = failure instanceof ApiError && failure.code === 'WRONG_PASSWORD';
  return (
    <form onSubmit={(event) => void submit(event)} aria-label={t('reporting.addendum.title')}>
      <Stack gap="xs">
        <Textarea
          label={t('reporting.addendum.title')} autosize minRows={4} value={text} onChange={(event) => write(event.currentTarget.value)}
          required withAsterisk={false} data-testid="addendum" autoFocus
        />
        <PasswordInput
          label={t('reporting.sign.password')} value={password} onChange={(event) => setPassword(event.currentTarget.value)}
          error={wrongPassword ? messageOf(failure) : undefined} autoComplete="current-password" required withAsterisk={false}
        />
        {failure !== undefined && !wrongPassword && <Refusal cause={failure} sections={[]} />}
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
          <Button size="xs" type="submit" loading={busy} disabled={text.trim() === '' || password === ''}>{t('reporting.addendum.sign')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
