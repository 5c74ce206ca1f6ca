/** The clock's ledger: a bar against the target, whose minutes they were, and every event. */
import { Card, Group, Stack, Text, Timeline, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDateTime, formatDuration, formatTime } from '@/ui/format';
import { useNow } from '@/ui/useNow';
import classes from './ClockPanel.module.css';
import { type Clock, dueAfterSeconds, sharesOf, spanSeconds } from './clock';

export function ClockPanel({ clock, dueAt }: { clock: Clock; dueAt?: string | null }) {
  const { t } = useTranslation();
  const now = useNow();
  const shares = sharesOf(clock, now);
  const spans = clock.spans.map((span) => ({ ...span, length: spanSeconds(span, now) }));
  const passed = spans.reduce((sum, span) => sum + span.length, 0);
  const due = dueAfterSeconds(clock, dueAt);
  const scale = Math.max(passed, due ?? 0, 1);
  return (
    <Card component="section" aria-label={t('cases.clock.title')}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text fw={600}>{t('cases.clock.title')}</Text>
          <Text size="sm" c="dimmed" className="tabular">
            {t('cases.clock.against', { passed: formatDuration(clock.elapsedSeconds), target: formatDuration(clock.targetSeconds) })}
            {clock.state !== 'RUNNING' && ` · ${t(`cases.clock.state.${clock.state}`)}`}
          </Text>
        </Group>
        <div className={classes.bar} aria-hidden>
          {spans.map((span) => (
            <Tooltip key={span.from} label={`${t(`cases.owner.${span.owner}`)}: ${formatDuration(span.length)}`}>
              <span className={classes.span} data-owner={span.owner} style={{ width: `${(span.length / scale) * 100}%` }} />
            </Tooltip>
          ))}
          {due !== null && <span className={classes.target} style={{ left: `${(due / scale) * 100}%` }} />}
        </div>
        <Group gap="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
          {shares.map(({ owner, seconds }) => (
            <Group key={owner} component="li" gap={6} wrap="nowrap">
              <span className={classes.key} data-owner={owner} aria-hidden />
              <Text size="sm">{t(`cases.owner.${owner}`)}</Text>
              <Text size="sm" c="dimmed" className="tabular">{formatDuration(seconds)}</Text>
            </Group>
          ))}
        </Group>
        {dueAt !== null && dueAt !== undefined && clock.state !== 'STOPPED' && <Text size="xs" c="dimmed">{t('cases.dueAt', { at: formatDateTime(dueAt) })}</Text>}
        <Timeline bulletSize={10} lineWidth={1} active={clock.events.length} color="gray.6" className={classes.timeline} aria-label={t('cases.clock.events')}>
          {clock.events.map((event) => (
            <Timeline.Item key={`${event.at} ${event.kind}`}>
              <Group gap="xs" wrap="nowrap" align="baseline">
                <Text size="sm" c="dimmed" className="tabular" title={formatDateTime(event.at)}>{formatTime(event.at)}</Text>
                <Text size="sm">
                  <EventName kind={event.kind} />
                  {event.actor !== null && event.actor !== undefined && <Text span c="dimmed"> · {event.actor}</Text>}
                </Text>
              </Group>
            </Timeline.Item>
          ))}
        </Timeline>
      </Stack>
    </Card>
  );
}

/** Kinds are the program's own words; those known here are worded, a new one is shown readably. */
function EventName({ kind }: { kind: string }) {
  const { t, i18n } = useTranslation();
  const key = `cases.event.${kind}`;
  return <>{i18n.exists(key) ? t(key as never) : kind.toLowerCase().replaceAll('_', ' ')}</>;
}
