import { Card, Text } from '@mantine/core';

/** One number and what it counts. */
export function Figure({ label, value, tone }: { label: string; value: string; tone?: 'bad' }) {
  return (
    <Card padding="xs">
      <Text size="xs" c="dimmed">{label}</Text>
      <Text size="lg" fw={600} className="tabular" c={tone === 'bad' ? 'red.4' : undefined}>{value}</Text>
    </Card>
  );
}
