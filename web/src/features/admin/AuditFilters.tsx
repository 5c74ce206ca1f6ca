/** What the auditor asks the trail: who, what, about whom, when, and whether it was refused. */
import { Button, Group, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditAction } from '@/gql/enums';
import { type AuditSearch, isDay, isId } from './adminSearch';
import { AUDIT_ACTIONS, AUDIT_GROUPS, GROUP_OF } from './auditActions';

/** Typing is over when nothing came for so long. */
const PAUSE_MILLISECONDS = 350;

interface Props {
  search: AuditSearch;
  /** Part of a name. It stays out of the address: somebody may type a patient's. */
  who: string;
  onSearch: (search: AuditSearch) => void;
  onWho: (who: string) => void;
}

export function AuditFilters({ search, who, onSearch, onWho }: Props) {
  const { t } = useTranslation();
  const [typedWho, setTypedWho] = useState(who);
  const [typedAbout, setTypedAbout] = useState(search.about ?? '');
  const applyWho = useDebouncedCallback(onWho, PAUSE_MILLISECONDS);
  const [seenAbout, setSeenAbout] = useState(search.about);
  // A click on an id in the table filters by it, too.
  if (seenAbout !== search.about) {
    setSeenAbout(search.about);
    setTypedAbout(search.about ?? '');
  }
  const wrongAbout = typedAbout !== '' && !isId(typedAbout);
  const change = (part: Partial<AuditSearch>) => {
    const next = { ...search, ...part };
    onSearch(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as AuditSearch);
  };
  const any = who !== '' || typedAbout !== '' || Object.keys(search).length > 0;
  const clear = () => {
    setTypedWho('');
    setTypedAbout('');
    onWho('');
    onSearch({});
  };
  const groups = AUDIT_GROUPS.map((group) => ({
    group: t(`admin.audit.groups.${group}`),
    items: AUDIT_ACTIONS.filter((action) => GROUP_OF[action] === group).map((action) => ({ value: action, label: t(`admin.audit.actions.${action}`) })),
  }));
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label={t('admin.audit.filter')}>
      <TextInput
        size="xs"
        w={160}
        label={t('admin.audit.actor')}
        placeholder={t('admin.audit.whoHint')}
        value={typedWho}
        onChange={(event) => {
          setTypedWho(event.currentTarget.value);
          applyWho(event.currentTarget.value.trim());
        }}
      />
      <Select
        size="xs"
        w={230}
        label={t('admin.audit.action')}
        placeholder={t('admin.audit.anything')}
        data={groups}
        value={search.action ?? null}
        onChange={(value) => change({ action: (value ?? undefined) as AuditAction | undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('admin.audit.clearAction') }}
      />
      <TextInput
        size="xs"
        w={310}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        label={t('admin.audit.about')}
        placeholder="case_… study_… patient_…"
        value={typedAbout}
        error={wrongAbout ? t('admin.audit.aboutWrong') : null}
        onChange={(event) => {
          const next = event.currentTarget.value.trim();
          setTypedAbout(next);
          if (next === '' || isId(next)) change({ about: next === '' ? undefined : next });
        }}
      />
      <TextInput size="xs" type="date" label={t('admin.audit.from')} value={search.from ?? ''} max={search.until} onChange={(event) => change({ from: dayOf(event.currentTarget.value) })} />
      <TextInput size="xs" type="date" label={t('admin.audit.until')} value={search.until ?? ''} min={search.from} onChange={(event) => change({ until: dayOf(event.currentTarget.value) })} />
      <Switch size="xs" mb={6} label={t('admin.audit.refusedOnly')} checked={search.refused === true} onChange={(event) => change({ refused: event.currentTarget.checked ? true : undefined })} />
      {any && (
        <Button size="xs" variant="subtle" leftSection={<IconX size={14} aria-hidden />} onClick={clear}>{t('admin.audit.clear')}</Button>
      )}
    </Group>
  );
}

function dayOf(value: string): string | undefined {
  return isDay(value) ? value : undefined;
}
