/** Drop files, a folder or a ZIP; or go on with an upload that was interrupted. */
import { Alert, Button, Card, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconFolderOpen, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { ApiError } from '@/api/request';
import { formatBytes, formatDateTime, formatNumber } from '@/ui/format';
import { ErrorNote } from '@/ui/State';
import { DropArea } from './DropArea';
import { NothingToResume, ownerKey, uploadFlow } from './flow';
import { bytesOf } from './model';
import { filesOfDirectory } from './scan/drop';
import { forgetUpload, type SavedUpload, savedUploads } from './send/saved';
import { readReceipt } from './send/uploadApi';

export function ChooseStep({ resuming, problem }: { resuming: SavedUpload | null; problem: unknown }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md" maw={980}>
      {problem instanceof NothingToResume ? (
        <Alert color="orange" role="alert" icon={<IconAlertTriangle size={18} />}>{t('upload.resume.nothing')}</Alert>
      ) : (
        problem !== null && <ErrorNote cause={problem} />
      )}
      {resuming !== null && (
        <Alert color="cyan" icon={<IconFolderOpen size={18} />} title={t('upload.resume.chooseAgain')}>
          <Text size="sm">{t('upload.resume.chooseAgainText')}</Text>
          <Button mt="xs" size="compact-sm" variant="subtle" onClick={() => uploadFlow.startOver()}>{t('common.cancel')}</Button>
        </Alert>
      )}
      <DropArea label={resuming === null ? t('upload.drop.title') : t('upload.resume.drop')} />
      {resuming === null && <Interrupted />}
    </Stack>
  );
}

/** Uploads of this person that the program still waits for. */
function Interrupted() {
  const { t } = useTranslation();
  const [open, setOpen] = useState<{ saved: SavedUpload; missing: number }[]>([]);
  useEffect(() => {
    let current = true;
    void unfinished().then((list) => {
      if (current) setOpen(list);
    });
    return () => {
      current = false;
    };
  }, []);
  if (open.length === 0) return null;
  const drop = (uploadId: string) => setOpen((list) => list.filter(({ saved }) => saved.uploadId !== uploadId));
  return (
    <Stack gap="xs" component="section" aria-label={t('upload.resume.title')}>
      <Text fw={600}>{t('upload.resume.title')}</Text>
      {open.map(({ saved, missing }) => (
        <InterruptedCard key={saved.uploadId} saved={saved} missing={missing} onGone={() => drop(saved.uploadId)} />
      ))}
    </Stack>
  );
}

function InterruptedCard({ saved, missing, onGone }: { saved: SavedUpload; missing: number; onGone: () => void }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<unknown>(null);
  const goOn = async () => {
    uploadFlow.resume(saved);
    if (saved.directory === null) return;
    const files = await filesOfDirectory(saved.directory).catch(() => []);
    await uploadFlow.take(files, saved.directory);
  };
  const end = () => uploadFlow.finishSaved(saved).then(onGone, setProblem);
  return (
    <Card padding="sm">
      <Group justify="space-between" gap="sm">
        <div>
          <Text size="sm" fw={500}>{t('upload.resume.of', { at: formatDateTime(new Date(saved.createdAt).toISOString()) })}</Text>
          <Text size="sm" c="dimmed">
            {t('upload.resume.missing', { count: missing, total: formatNumber(saved.instances.length), bytes: formatBytes(bytesOf(saved.instances)) })}
          </Text>
        </div>
        <Group gap="xs">
          <Button size="xs" variant="subtle" color="gray" onClick={() => void end()}>{t('upload.resume.end')}</Button>
          <Button size="xs" leftSection={<IconPlayerPlay size={15} />} onClick={() => void goOn()}>{t('upload.resume.goOn')}</Button>
        </Group>
      </Group>
      {problem !== null && <Text size="sm" c="red.4" role="alert">{messageOf(problem)}</Text>}
    </Card>
  );
}

async function unfinished(): Promise<{ saved: SavedUpload; missing: number }[]> {
  const list: { saved: SavedUpload; missing: number }[] = [];
  for (const saved of await savedUploads(ownerKey(), Date.now())) {
    try {
      const receipt = await readReceipt(saved.uploadId);
      if (receipt.state === 'COMPLETE' || receipt.counts.missing === 0) await forgetUpload(saved.uploadId);
      else list.push({ saved, missing: receipt.counts.missing });
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'NOT_FOUND') await forgetUpload(saved.uploadId);
    }
  }
  return list;
}

