import { ActionIcon, Group, Text, UnstyledButton } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ListedMeasurement } from '../engine/annotations';
import { measurementLines } from '../model/measurementText';

interface MeasurementListProps {
  measurements: readonly ListedMeasurement[];
  /** Where in its series an image stands, for people. */
  placeOf: (measurement: ListedMeasurement) => string;
  onGoTo: (measurement: ListedMeasurement) => void;
  onRemove: (measurement: ListedMeasurement) => void;
}

/** What was measured on this study during this visit. */
export function MeasurementList({ measurements, placeOf, onGoTo, onRemove }: MeasurementListProps) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t('viewer.measurementList')}
      style={{ maxHeight: 180, overflowY: 'auto', flex: 'none', borderTop: '1px solid var(--divider)', background: 'var(--surface)' }}
    >
      {measurements.length === 0 && <Text size="xs" c="dimmed" p="sm">{t('viewer.noMeasurements')}</Text>}
      {measurements.map((measurement) => (
        <Group key={measurement.id} gap="xs" wrap="nowrap" px="sm" py={2}>
          <UnstyledButton flex={1} miw={0} py={3} onClick={() => onGoTo(measurement)}>
            <Group gap="md" wrap="nowrap">
              <Text size="xs" w={86}>{t(`viewer.kind.${measurement.kind}`)}</Text>
              <Text size="xs" c="dimmed" w={120} className="tabular" truncate>{placeOf(measurement)}</Text>
              <Text size="xs" className="tabular" truncate>{measurementLines(measurement.result, t).join('  ·  ')}</Text>
            </Group>
          </UnstyledButton>
          <ActionIcon size={24} variant="subtle" color="gray" aria-label={t('viewer.removeMeasurement')} onClick={() => onRemove(measurement)}>
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
    </section>
  );
}
