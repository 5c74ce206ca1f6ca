import { Text, VisuallyHidden } from '@mantine/core';
import { IconPhoto } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { AuthorisedImage } from '@/ui/AuthorisedImage';
import classes from './SeriesStrip.module.css';
import type { ViewerSeries } from './useStacks';
import { SERIES_DRAG_TYPE } from './ViewportPane';

interface SeriesStripProps {
  series: readonly ViewerSeries[];
  /** Series on screen, and the one in the active viewport. */
  shown: ReadonlySet<string>;
  active: string | undefined;
  onPick: (seriesInstanceUid: string) => void;
}

/** The study's series: a click hangs one in the active viewport, a drag in any. */
export const SeriesStrip = memo(function SeriesStrip({ series, shown, active, onPick }: SeriesStripProps) {
  const { t } = useTranslation();
  return (
    <nav className={classes.strip} aria-label={t('viewer.series')}>
      {series.map((one) => {
        const uid = one.seriesInstanceUid;
        const name = one.description || t('viewer.unnamedSeries');
        return (
          <button
            key={uid}
            type="button"
            className={classes.card}
            data-shown={shown.has(uid)}
            data-active={active === uid}
            aria-current={active === uid}
            draggable
            onDragStart={(event) => {
              event.dataTransfer.setData(SERIES_DRAG_TYPE, uid);
              event.dataTransfer.effectAllowed = 'copy';
            }}
            onClick={() => onPick(uid)}
          >
            <AuthorisedImage src={one.thumbnailUrl} alt="" width={146} height={100} fallback={<IconPhoto size={24} stroke={1.2} color="#3a4656" aria-hidden />} />
            <span className={classes.line}>
              <Text span size="xs" truncate title={name}>{name}</Text>
            </span>
            <span className={classes.line}>
              <Text span size="xs" c="dimmed" className="tabular">{one.number ?? '–'} · {one.modality}</Text>
              <Text span size="xs" c="dimmed" className="tabular">
                {one.frameCount}
                <VisuallyHidden> {t('viewer.imageCount', { count: one.frameCount })}</VisuallyHidden>
              </Text>
            </span>
          </button>
        );
      })}
    </nav>
  );
});
