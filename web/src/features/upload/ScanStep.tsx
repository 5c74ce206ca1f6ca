import { Card, Progress, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/ui/format';

/** Headers are being read. */
export function ScanStep({ scanned, total, images }: { scanned: number; total: number; images: number }) {
  const { t } = useTranslation();
  const percent = total === 0 ? 0 : (scanned / total) * 100;
  return (
    <Card maw={720}>
      <Stack gap="sm">
        <Text fw={500}>{t('upload.scan.title')}</Text>
        <Progress value={percent} aria-label={t('upload.scan.title')} />
        <Text size="sm" c="dimmed" className="tabular" aria-live="polite">
          {t('upload.scan.text', { scanned: formatNumber(scanned), total: formatNumber(total), images: formatNumber(images) })}
        </Text>
      </Stack>
    </Card>
  );
}
