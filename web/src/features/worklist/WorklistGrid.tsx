import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PriorityCell, ReceivedCell, StateCell, studyText, Thumbnail, TimeLeftCell } from './cells';
import classes from './worklist.module.css';
import type { CaseRow } from './worklist.queries';

const ROW_PIXELS = 30;
const HEAD_PIXELS = 30;

interface Column {
  key: 'priority' | 'timeLeft' | 'patient' | 'age' | 'sex' | 'modality' | 'study' | 'facility' | 'images' | 'received' | 'state' | 'picture';
  width: string;
  cell: (row: CaseRow, userId: string) => ReactNode;
}

const COLUMNS: readonly Column[] = [
  { key: 'priority', width: '112px', cell: (row) => <PriorityCell row={row} /> },
  { key: 'timeLeft', width: '76px', cell: (row) => <TimeLeftCell row={row} /> },
  { key: 'patient', width: 'minmax(110px, 1.4fr)', cell: (row) => <span className={classes.clip}>{row.patient.name}</span> },
  { key: 'age', width: '46px', cell: (row) => row.patient.ageAtStudy ?? '–' },
  { key: 'sex', width: '26px', cell: (row) => row.patient.sex ?? '–' },
  { key: 'modality', width: '44px', cell: (row) => row.study.modalities.join(' ') },
  { key: 'study', width: 'minmax(110px, 1.8fr)', cell: (row) => <span className={classes.clip}>{studyText(row.study)}</span> },
  { key: 'facility', width: 'minmax(70px, 1.4fr)', cell: (row) => <span className={classes.clip}>{row.facility.name}</span> },
  { key: 'images', width: '46px', cell: (row) => <span className={classes.number}>{row.study.instanceCount}</span> },
  { key: 'received', width: '74px', cell: (row) => <ReceivedCell row={row} /> },
  { key: 'state', width: 'minmax(80px, 0.8fr)', cell: (row, userId) => <StateCell row={row} userId={userId} /> },
  { key: 'picture', width: '30px', cell: (row) => <Thumbnail row={row} size={26} /> },
];

const TEMPLATE = COLUMNS.map((column) => column.width).join(' ');

interface WorklistGridProps {
  rows: readonly CaseRow[];
  selected: string | undefined;
  changed: ReadonlySet<string>;
  userId: string;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

/** Only the rows in sight are in the page. The focus stays on the grid; the row it means is told by `aria-activedescendant`. */
export function WorklistGrid({ rows, selected, changed, userId, onSelect, onOpen }: WorklistGridProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  // The compiler may not memoise what the virtualizer returns; this component makes all of it anew at each render.
  // oxlint-disable-next-line incompatible-library
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    // The head stays in sight above the rows and must not cover the one that is scrolled to.
    scrollMargin: HEAD_PIXELS,
    scrollPaddingStart: HEAD_PIXELS,
  });
  const selectedIndex = rows.findIndex((row) => row.id === selected);
  useEffect(() => {
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: 'auto' });
    // The list that re-sorts under a still selection must not pull the page about: only a new selection scrolls.
    // oxlint-disable-next-line exhaustive-deps
  }, [selected]);
  return (
    <div ref={scroller} className={classes.grid} role="grid" aria-label={t('worklist.title')} aria-rowcount={rows.length + 1} aria-colcount={COLUMNS.length}
      tabIndex={0} aria-activedescendant={selected === undefined ? undefined : `row-${selected}`}>
      <div className={classes.head} role="row" aria-rowindex={1} style={{ gridTemplateColumns: TEMPLATE }}>
        {COLUMNS.map(({ key }) => (
          <div key={key} role="columnheader" className={key === 'images' ? classes.number : undefined}>{t(`worklist.column.${key}`)}</div>
        ))}
      </div>
      <div className={classes.body} role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <GridRow
                key={item.key} row={row} index={item.index} start={item.start - HEAD_PIXELS} userId={userId}
                selected={row.id === selected} changed={changed.has(row.id)} onSelect={onSelect} onOpen={onOpen}
              />
            );
          })}
      </div>
    </div>
  );
}

interface GridRowProps extends Pick<WorklistGridProps, 'userId' | 'onSelect' | 'onOpen'> {
  row: CaseRow;
  index: number;
  start: number;
  selected: boolean;
  changed: boolean;
}

/** Remembered: moving the cursor makes two rows anew, not all of them. */
const GridRow = memo(function GridRow({ row, index, start, userId, selected, changed, onSelect, onOpen }: GridRowProps) {
  return (
    // The keyboard moves through rows from the grid itself (`useWorklistKeys`).
    // oxlint-disable-next-line click-events-have-key-events
    <div
      id={`row-${row.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={classes.row}
      data-changed={changed}
      data-case={row.id}
      style={{ transform: `translateY(${start}px)`, gridTemplateColumns: TEMPLATE }}
      onClick={() => onSelect(row.id)}
      onDoubleClick={() => onOpen(row.id)}
    >
      {COLUMNS.map(({ key, cell }) => <div key={key} role="gridcell">{cell(row, userId)}</div>)}
    </div>
  );
});
