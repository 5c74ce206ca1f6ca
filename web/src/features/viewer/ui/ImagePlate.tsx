import { Button, Loader, Text } from '@mantine/core';
import { IconAlertTriangle, IconFileText, IconHeartbeat, IconPhotoOff, IconRadioactive, IconVideo } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FailureReason } from '../model/imageState';
import type { PlateKind } from '../model/imageStack';
import classes from './ViewportPane.module.css';

/** Covers the viewport while an image is on its way: the image before it must not be taken for it. */
export function LoadingPlate({ label }: { label: string }) {
  return (
    <div className={classes.plate} role="status">
      <Loader size={18} color="gray" />
      <Text size="xs" c="dimmed" className="tabular">{label}</Text>
    </div>
  );
}

export function FailurePlate({ reason, label, onRetry }: { reason: FailureReason; label: string; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.plate} role="alert" data-testid="image-error">
      <IconAlertTriangle size={28} color="var(--mantine-color-red-5)" aria-hidden />
      <Text fw={600}>{t('viewer.failed.title')}</Text>
      <Text size="sm" c="dimmed" ta="center" maw={320}>{t(`viewer.failed.${reason}`)}</Text>
      <Text size="xs" c="dimmed" className="tabular">{label}</Text>
      <Button size="xs" variant="default" onClick={onRetry}>{t('common.retry')}</Button>
    </div>
  );
}

/** Stands for a series that has nothing to scroll. */
export function SeriesPlate({ kind, modality, description }: { kind: PlateKind; modality: string; description?: string | undefined }) {
  const { t } = useTranslation();
  const Icon = ICONS[kind] ?? IconPhotoOff;
  return (
    <div className={classes.plate} data-testid="series-plate">
      <Icon size={34} stroke={1.3} color="var(--mantine-color-dark-2)" aria-hidden />
      <Text fw={600}>{t(`viewer.plate.${kind}.title`)}</Text>
      <Text size="sm" c="dimmed" ta="center" maw={340}>{t(`viewer.plate.${kind}.text`)}</Text>
      <Text size="xs" c="dimmed">{[modality, description].filter(Boolean).join(' · ')}</Text>
    </div>
  );
}

const ICONS: Partial<Record<PlateKind, typeof IconFileText>> = {
  STRUCTURED_REPORT: IconFileText,
  DOCUMENT: IconFileText,
  KEY_OBJECTS: IconFileText,
  WAVEFORM: IconHeartbeat,
  RADIOTHERAPY: IconRadioactive,
  VIDEO: IconVideo,
};
