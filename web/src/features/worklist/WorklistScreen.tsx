/** What is to be read, what breaches first on top, kept current by itself. */
import { Box, Group, Kbd, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChecklist, IconSearch } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLiveState, useSession } from '@/api/useLive';
import { EmptyState, ErrorNote, ErrorState, LoadingState } from '@/ui/State';
import { CasePreview } from './CasePreview';
import { ordered } from './model/rows';
import { belongsTo, matchesText, VIEWS, type WorklistView } from './model/views';
import { useClaims } from './useClaims';
import { useMinute } from './useNow';
import { useWorklist } from './useWorklist';
import { useWorklistKeys } from './useWorklistKeys';
import { WorklistCards } from './WorklistCards';
import { WorklistGrid } from './WorklistGrid';
import { WorklistHelp } from './WorklistHelp';
import classes from './worklist.module.css';

export function WorklistScreen({ view }: { view: WorklistView }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const navigate = useNavigate();
  const worklist = useWorklist();
  const live = useLiveState();
  const [filter, setFilter] = useState('');
  const wantedText = useDeferredValue(filter);
  const [selected, setSelected] = useState<string>();
  const [help, setHelp] = useState(false);
  const filterBox = useRef<HTMLInputElement>(null);
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  const today = useMinute();

  const all = useMemo(() => ordered(worklist.rows.values()), [worklist.rows]);
  const counts = useMemo(
    () => Object.fromEntries(VIEWS.map((one) => [one, all.filter((row) => belongsTo(one, row, user.id, today)).length])) as Record<WorklistView, number>,
    [all, user.id, today],
  );
  const rows = useMemo(() => {
    const shown = all.filter((row) => belongsTo(view, row, user.id, today) && matchesText(row, wantedText));
    return view === 'today' ? shown.toReversed() : shown;
  }, [all, view, user.id, today, wantedText]);

  // A selection that has left the list gives way to the row that took its place.
  const lastIndex = useRef(0);
  useEffect(() => {
    const index = rows.findIndex((row) => row.id === selected);
    if (index >= 0) lastIndex.current = index;
    else setSelected(rows[Math.min(lastIndex.current, rows.length - 1)]?.id);
  }, [rows, selected]);

  useEffect(() => {
    document.title = `(${counts.open}) ${t('worklist.title')} · telerad`;
  }, [counts.open, t]);

  const { claim, release } = useClaims(worklist.put);
  const open = useCallback((id: string) => void navigate({ to: '/read/$caseId', params: { caseId: id } as never }), [navigate]);
  const selectedRow = selected === undefined ? undefined : worklist.rows.get(selected);
  useWorklistKeys((command) => {
    const index = rows.findIndex((row) => row.id === selected);
    const go = (to: number) => setSelected(rows[Math.min(rows.length - 1, Math.max(0, to))]?.id);
    switch (command) {
      case 'next': return go(index + 1);
      case 'previous': return go(index - 1);
      case 'first': return go(0);
      case 'last': return go(rows.length - 1);
      case 'open': return selected !== undefined && open(selected);
      case 'claim': return selectedRow && void claim(selectedRow);
      case 'release': return selectedRow && void release(selectedRow);
      case 'filter': return filterBox.current?.focus();
      case 'help': return setHelp((shown) => !shown);
    }
  });

  if (worklist.loading) return <LoadingState />;
  if (worklist.error !== undefined && worklist.rows.size === 0) return <ErrorState cause={worklist.error} onRetry={worklist.reload} />;
  return (
    <div className={classes.screen}>
      <nav className={classes.views} aria-label={t('worklist.views')}>
        {VIEWS.map((one) => (
          <Link key={one} to="/worklist" search={{ view: one } as never} className={classes.view} data-active={one === view} aria-current={one === view ? 'page' : undefined}>
            <span>{t(`worklist.view.${one}`)}</span>
            <Text span size="xs" c="dimmed" className="tabular">{counts[one]}</Text>
          </Link>
        ))}
      </nav>
      <section className={classes.list} aria-label={t(`worklist.view.${view}`)}>
        <Group px="sm" py={6} gap="sm" wrap="nowrap">
          <TextInput
            ref={filterBox} size="xs" flex={1} maw={420} value={filter} aria-label={t('worklist.filter')} placeholder={t('worklist.filter')}
            leftSection={<IconSearch size={14} aria-hidden />} rightSection={<Kbd size="xs">/</Kbd>} autoComplete="off" spellCheck={false}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setFilter('');
              if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') event.currentTarget.blur();
            }}
          />
          <Text size="xs" c="dimmed" className="tabular" role="status">{t('worklist.shown', { count: rows.length })}</Text>
          <Box flex={1} />
          {live === 'LOST' && <Text size="xs" c="orange">▲ {t('worklist.notLive')}</Text>}
        </Group>
        {worklist.error !== undefined && <ErrorNote cause={worklist.error} onRetry={worklist.reload} />}
        {rows.length === 0 ? (
          <EmptyState icon={<IconChecklist size={36} stroke={1.3} />} title={filter ? t('worklist.nothingFound') : t(`worklist.empty.${view}`)}>
            {filter ? t('worklist.nothingFoundHint') : t('worklist.emptyHint')}
          </EmptyState>
        ) : narrow ? (
          <WorklistCards rows={rows} userId={user.id} onOpen={open} />
        ) : (
          <WorklistGrid rows={rows} selected={selected} changed={worklist.changed} userId={user.id} onSelect={setSelected} onOpen={open} />
        )}
      </section>
      {!narrow && (
        <aside className={classes.preview} aria-label={t('worklist.preview')}>
          {selectedRow && (
            <CasePreview
              key={selectedRow.id} caseId={selectedRow.id} userId={user.id}
              onClaim={() => void claim(selectedRow)} onRelease={() => void release(selectedRow)}
            />
          )}
        </aside>
      )}
      <WorklistHelp opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
