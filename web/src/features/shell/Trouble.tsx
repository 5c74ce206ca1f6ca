/** What stands in place of the portal or a page when there is nothing else to show. */
import { Button, Center, Loader } from '@mantine/core';
import { IconCloudOff, IconMapQuestion, IconMoodEmpty } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { session } from '@/api/session';
import { EmptyState } from '@/ui/State';

export function Starting() {
  const { t } = useTranslation();
  return (
    <Center h="100dvh" role="status" aria-label={t('common.loading')}>
      <Loader />
    </Center>
  );
}

const TRY_AGAIN_MS = 5_000;

export function Unreachable() {
  const { t } = useTranslation();
  useEffect(() => {
    const timer = setInterval(() => void session.start(), TRY_AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Center h="100dvh">
      <EmptyState icon={<IconCloudOff size={40} />} title={t('shell.unreachable.title')}>
        <p>{t('shell.unreachable.text')}</p>
        <Button variant="default" onClick={() => void session.start()}>{t('common.retry')}</Button>
      </EmptyState>
    </Center>
  );
}

/** A page that threw. The rest of the portal goes on. */
export function Crashed({ reset }: { reset: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <EmptyState icon={<IconMoodEmpty size={40} />} title={t('shell.crashed.title')}>
        <p>{t('shell.crashed.text')}</p>
        <Button variant="default" onClick={reset} mr="sm">{t('common.retry')}</Button>
        <Button variant="subtle" component="a" href="/">{t('shell.crashed.home')}</Button>
      </EmptyState>
    </div>
  );
}

export function NoSuchPage() {
  const { t } = useTranslation();
  return (
    <EmptyState icon={<IconMapQuestion size={40} />} title={t('shell.notFound.title')}>
      <p>{t('shell.notFound.text')}</p>
      <Button variant="default" component="a" href="/">{t('shell.crashed.home')}</Button>
    </EmptyState>
  );
}
