/** Whom the report went to, and who has it. */
import { Badge, Card, Group, Stack, Text } from '@mantine/core';
import { IconDeviceDesktop, IconMail } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '@/ui/format';
import type { CaseDetail } from './cases.queries';

const COLORS = { QUEUED: 'gray', SENT: 'cyan', DELIVERED: 'cyan', ACKNOWLEDGED: 'green', FAILED: 'red', SUPERSEDED: 'gray' } as const;

export function Deliveries({ deliveries }: { deliveries: CaseDetail['deliveries'] }) {
  const { t } = useTranslation();
  if (deliveries.length === 0) return null;
  return (
    <Card component="section" aria-label={t('cases.deliveries')}>
      <Stack gap="sm">
        <Text fw={600}>{t('cases.deliveries')}</Text>
        {deliveries.map((delivery) => {
          const at = delivery.acknowledgedAt ?? delivery.deliveredAt ?? delivery.queuedAt;
          return (
            <Group key={delivery.id} gap="xs" wrap="nowrap" align="flex-start">
              {delivery.channel === 'MAIL' ? <IconMail size={17} aria-hidden /> : <IconDeviceDesktop size={17} aria-hidden />}
              <div style={{ flex: 1, minWidth: 0 }}>
                <Text size="sm" truncate>{t(`cases.channel.${delivery.channel}`)} · {delivery.recipient}</Text>
                <Text size="xs" c="dimmed">{formatDateTime(at)}</Text>
                {delivery.lastError !== null && delivery.lastError !== undefined && <Text size="xs" c="red.4">{delivery.lastError}</Text>}
              </div>
              <Badge color={COLORS[delivery.state]}>{t(`cases.delivery.${delivery.state}`)}</Badge>
            </Group>
          );
        })}
      </Stack>
    </Card>
  );
}
