/** How many viewports there are and which series each holds. */

export type LayoutName = '1x1' | '1x2' | '2x2';

export const LAYOUTS: Record<LayoutName, { rows: number; columns: number }> = {
  '1x1': { rows: 1, columns: 1 },
  '1x2': { rows: 1, columns: 2 },
  '2x2': { rows: 2, columns: 2 },
};

export interface Hanging {
  layout: LayoutName;
  active: number;
  /** Series of each pane, by SeriesInstanceUID; a pane may stand empty. */
  panes: Array<string | undefined>;
}

export type HangingEvent =
  | { type: 'layout'; layout: LayoutName; series: readonly string[] }
  | { type: 'activate'; pane: number }
  | { type: 'hang'; pane: number; seriesInstanceUid: string }
  | { type: 'step'; by: 1 | -1; series: readonly string[] };

export function nextHanging(hanging: Hanging, event: HangingEvent): Hanging {
  switch (event.type) {
    case 'activate':
      return event.pane < hanging.panes.length ? { ...hanging, active: event.pane } : hanging;
    case 'hang': {
      const panes = hanging.panes.with(event.pane, event.seriesInstanceUid);
      return { ...hanging, panes, active: event.pane };
    }
    case 'layout': {
      const { rows, columns } = LAYOUTS[event.layout];
      // What the reader looks at stays; the panes that open take the series not yet on screen.
      const kept = [hanging.panes[hanging.active], ...hanging.panes.filter((_, pane) => pane !== hanging.active)];
      const unseen = event.series.filter((series) => !kept.includes(series));
      const panes = Array.from({ length: rows * columns }, (_, pane) => kept[pane] ?? unseen.shift());
      return { layout: event.layout, active: 0, panes };
    }
    case 'step': {
      const current = event.series.indexOf(hanging.panes[hanging.active] ?? '');
      const next = event.series[current + event.by];
      return next === undefined ? hanging : { ...hanging, panes: hanging.panes.with(hanging.active, next) };
    }
  }
}
