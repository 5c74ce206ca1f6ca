import { Alert, Button, Collapse, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDateTime } from '@/ui/format';
import type { Section } from '../model/gaps';
import classes from './dock.module.css';

interface VersionOfferProps {
  title: string;
  text: string;
  /** The version that is offered, to be read before it is taken. */
  sections: readonly Section[];
  at: number;
  actions: Array<{ label: string; primary?: boolean; run: () => void }>;
}

/** Two texts of one report: says which is shown, shows the other, and lets the reader choose. Nothing is merged unseen. */
export function VersionOffer({ title, text, sections, at, actions }: VersionOfferProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Alert color="orange" variant="light" title={title} role="alert" mb="sm">
      <Stack gap="xs">
        <Text size="sm">{text}</Text>
        <Text size="xs" c="dimmed">{t('reporting.other.from', { at: formatDateTime(new Date(at).toISOString()) })}</Text>
        <Group gap="xs">
          {actions.map(({ label, primary, run }) => (
            <Button key={label} size="compact-sm" variant={primary ? 'filled' : 'default'} onClick={run}>{label}</Button>
          ))}
          <Button size="compact-sm" variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>{t('reporting.other.show')}</Button>
        </Group>
        <Collapse expanded={open}>
          {sections.map((section) => (
            <div key={section.key}>
              <Text size="xs" fw={600}>{section.title}</Text>
              <div className={classes.versionText}>{section.text}</div>
            </div>
          ))}
        </Collapse>
      </Stack>
    </Alert>
  );
}
