import type { RenderingEngine } from '@cornerstonejs/core';
import { Text } from '@mantine/core';
import { type DragEvent, useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { type DisplaySnapshot, StackDisplay } from '../engine/StackDisplay';
import type { ImageStack, StackImage } from '../model/imageStack';
import { EMPTY } from '../model/imageState';
import { FailurePlate, LoadingPlate, SeriesPlate } from './ImagePlate';
import { StackScrollbar } from './StackScrollbar';
import { ViewportOverlay } from './ViewportOverlay';
import classes from './ViewportPane.module.css';
import type { LoadedSeries } from './useStacks';

/** What is dragged from the series strip. */
export const SERIES_DRAG_TYPE = 'application/x-telerad-series';

interface ViewportPaneProps {
  engine: RenderingEngine;
  name: string;
  series: LoadedSeries | undefined;
  startAt: number | undefined;
  isActive: boolean;
  /** The only viewport needs no mark that it is the active one. */
  isAlone: boolean;
  showOverlay: boolean;
  isKeyImage: (image: StackImage) => boolean;
  onActivate: () => void;
  onDropSeries: (seriesInstanceUid: string) => void;
  onRetrySeries: () => void;
  /** Tells which display is behind this pane; `undefined` when it is gone. */
  onDisplay: (display: StackDisplay | undefined) => void;
}

/** Movement of a trackpad that counts as one image; a wheel's notch is more than twice that. */
const WHEEL_PIXELS_PER_IMAGE = 40;

const NO_DISPLAY: DisplaySnapshot = {
  state: EMPTY, stack: undefined, window: undefined, zoom: 1, inverted: false, transferSyntaxUid: undefined, decoded: 0, playing: false,
  axes: { right: [1, 0], down: [0, 1] },
};

/** One viewport with its plates, words and scrollbar. */
export function ViewportPane(props: ViewportPaneProps) {
  const { engine, name, series, startAt, isActive, isAlone, showOverlay, isKeyImage, onActivate, onDropSeries, onRetrySeries, onDisplay } = props;
  const { t } = useTranslation();
  const pane = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const [display, setDisplay] = useState<StackDisplay>();
  const [isDropTarget, setDropTarget] = useState(false);
  const snapshot = useSyncExternalStore(display?.subscribe ?? subscribeToNothing, display?.getSnapshot ?? (() => NO_DISPLAY));
  const report = useEffectEvent(onDisplay);

  useEffect(() => {
    if (stage.current === null) return undefined;
    const made = new StackDisplay(engine, name, stage.current);
    setDisplay(made);
    report(made);
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(stage.current);
    return () => {
      observer.disconnect();
      report(undefined);
      made.dispose();
    };
  }, [engine, name]);

  const stack = series?.kind === 'LOADED' ? series.stack : undefined;
  const hang = useEffectEvent(() => display?.hang(stack, startAt));
  useEffect(() => {
    hang();
  }, [display, stack]);

  useWheel(pane, display);

  const { state } = snapshot;
  const image = state.kind === 'empty' ? undefined : snapshot.stack?.images[state.index];
  const label = image && snapshot.stack ? imageLabel(t('viewer.overlay.image'), snapshot.stack, image) : '';

  return (
    // The keys work wherever the focus is; pressing anywhere in a viewport only makes it the one they mean.
    // oxlint-disable-next-line no-noninteractive-element-interactions
    <div
      ref={pane}
      className={[classes.pane, isActive && classes.active, isAlone && classes.alone, isDropTarget && classes.dropTarget].filter(Boolean).join(' ')}
      role="group"
      aria-label={t('viewer.pane', { name })}
      data-testid="viewport"
      data-active={isActive}
      data-image-id={state.kind === 'empty' ? undefined : state.imageId}
      data-image-state={series?.kind === 'FAILED' ? 'failed' : state.kind}
      data-image-index={state.kind === 'empty' ? undefined : state.index}
      data-series={stack?.seriesInstanceUid}
      onPointerDownCapture={onActivate}
      onContextMenu={(event) => event.preventDefault()}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(SERIES_DRAG_TYPE)) return;
        event.preventDefault();
        setDropTarget(true);
      }}
      onDragLeave={() => setDropTarget(false)}
      onDrop={(event: DragEvent) => {
        setDropTarget(false);
        const dropped = event.dataTransfer.getData(SERIES_DRAG_TYPE);
        if (dropped) onDropSeries(dropped);
      }}
    >
      <div ref={stage} className={classes.stage} />
      {series === undefined && (
        <div className={classes.plate}><Text size="sm" c="dimmed">{t('viewer.emptyPane')}</Text></div>
      )}
      {series?.kind === 'LOADING' && <LoadingPlate label={t('viewer.loadingSeries')} />}
      {series?.kind === 'FAILED' && <FailurePlate reason="LOAD" label={series.description ?? ''} onRetry={onRetrySeries} />}
      {stack?.plate && <SeriesPlate kind={stack.plate} modality={stack.modality} description={stack.description} />}
      {state.kind === 'loading' && <LoadingPlate label={label} />}
      {state.kind === 'failed' && <FailurePlate reason={state.reason} label={label} onRetry={() => display?.retry()} />}
      {showOverlay && state.kind === 'shown' && image && (
        <ViewportOverlay display={snapshot} image={image} index={state.index} isKeyImage={isKeyImage(image)} />
      )}
      {snapshot.stack && state.kind !== 'empty' && (
        <StackScrollbar
          count={snapshot.stack.images.length}
          index={state.index}
          decoded={snapshot.decoded}
          onScrollTo={(index) => display?.request(index)}
        />
      )}
    </div>
  );
}

function subscribeToNothing(): () => void {
  return () => undefined;
}

function imageLabel(word: string, stack: ImageStack, image: StackImage): string {
  return `${word} ${stack.images.indexOf(image) + 1}/${stack.images.length}`;
}

/** The wheel scrolls the stack. A listener of its own, because React's is passive and could not stop the page. */
function useWheel(pane: React.RefObject<HTMLDivElement | null>, display: StackDisplay | undefined): void {
  useEffect(() => {
    const element = pane.current;
    if (element === null || display === undefined) return undefined;
    let travelled = 0;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey) return;
      event.preventDefault();
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * WHEEL_PIXELS_PER_IMAGE;
      // One notch of a wheel is one image, however far the system makes it travel.
      if (Math.abs(pixels) >= WHEEL_PIXELS_PER_IMAGE) {
        travelled = 0;
        display.step(Math.sign(pixels));
        return;
      }
      travelled += pixels;
      const images = Math.trunc(travelled / WHEEL_PIXELS_PER_IMAGE);
      if (images !== 0) {
        travelled -= images * WHEEL_PIXELS_PER_IMAGE;
        display.step(images);
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [pane, display]);
}
