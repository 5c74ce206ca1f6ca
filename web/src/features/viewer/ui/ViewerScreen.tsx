/** The viewer: series strip, toolbar, viewports, measurements. Everything heavy hangs below this module. */
import type { RenderingEngine } from '@cornerstonejs/core';
import { type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState } from '@/ui/State';
import {
  type ListedMeasurement, forgetMeasurements, listMeasurements, onMeasurementsChanged, removeMeasurement, removeSelectedMeasurement,
} from '../engine/annotations';
import { startCornerstone } from '../engine/cornerstone';
import type { DisplaySnapshot, StackDisplay } from '../engine/StackDisplay';
import { type PointerTool, choosePointerTool } from '../engine/tools';
import { TAG, number } from '../model/dicomJson';
import { type StackImage, indexOfFrame } from '../model/imageStack';
import { LAYOUTS, type LayoutName, nextHanging } from '../model/layout';
import { presetsFor, type WindowPreset } from '../model/presets';
import { MeasurementList } from './MeasurementList';
import { SeriesStrip } from './SeriesStrip';
import { useDisplay } from './useDisplay';
import { useStableCallback } from './useStableCallback';
import { useStacks, type ViewerSeries } from './useStacks';
import { useViewerKeys } from './useViewerKeys';
import { ViewerHelp } from './ViewerHelp';
import type { ViewerCommand } from './viewerKeys';
import { ViewerToolbar } from './ViewerToolbar';
import { ViewportPane } from './ViewportPane';
import classes from './ViewerScreen.module.css';

export interface KeyImageMark {
  id: string;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  frame: number;
}

export interface NewKeyImage extends Omit<KeyImageMark, 'id' | 'seriesInstanceUid'> {
  windowCenter: number | null;
  windowWidth: number | null;
}

/** What others may ask the viewer to do. */
export interface ViewerHandle {
  showImage: (seriesInstanceUid: string, sopInstanceUid: string, frame: number) => void;
}

export interface ViewerScreenProps {
  tenant: string;
  studyInstanceUid: string;
  series: readonly ViewerSeries[];
  keyImages: readonly KeyImageMark[];
  /** Absent while the case is only looked at. */
  onMarkKeyImage?: ((image: NewKeyImage) => void) | undefined;
  onRemoveKeyImage?: ((id: string) => void) | undefined;
  handle?: Ref<ViewerHandle>;
}

const PANE_NAMES = ['A', 'B', 'C', 'D'];
const TOOL_OF_COMMAND: Partial<Record<ViewerCommand, PointerTool>> = {
  toolWindow: 'WINDOW', toolPan: 'PAN', toolZoom: 'ZOOM', toolLength: 'LENGTH', toolAngle: 'ANGLE',
  toolRectangle: 'RECTANGLE', toolEllipse: 'ELLIPSE', toolProbe: 'PROBE',
};
const LAYOUT_OF_COMMAND: Partial<Record<ViewerCommand, LayoutName>> = { layout1: '1x1', layout2: '1x2', layout4: '2x2' };
const STEP_OF_COMMAND: Partial<Record<ViewerCommand, number>> = {
  nextImage: 1, previousImage: -1, nextTen: 10, previousTen: -10, firstImage: -100_000, lastImage: 100_000,
};

export default function ViewerScreen(props: ViewerScreenProps) {
  const [engine, setEngine] = useState<RenderingEngine>();
  const [failure, setFailure] = useState<unknown>();
  const start = useCallback(() => {
    startCornerstone().then((started) => {
      setFailure(undefined);
      setEngine(started);
    }, setFailure);
  }, []);
  useEffect(start, [start]);
  if (failure !== undefined) return <ErrorState cause={failure} onRetry={start} />;
  if (engine === undefined) return <div className={classes.viewer} aria-busy />;
  // Another study starts from nothing: no mark, window or image of the one before is left.
  return <Viewer key={props.studyInstanceUid} engine={engine} {...props} />;
}

function Viewer(props: ViewerScreenProps & { engine: RenderingEngine }) {
  const { engine, tenant, studyInstanceUid, series, keyImages, onMarkKeyImage, onRemoveKeyImage, handle } = props;
  const { t } = useTranslation();
  const order = useMemo(() => series.map((one) => one.seriesInstanceUid), [series]);
  const [hanging, dispatch] = useReducer(nextHanging, { layout: '1x1', active: 0, panes: [firstWithImages(series)] });
  const wanted = useMemo(() => hanging.panes.filter((uid) => uid !== undefined), [hanging.panes]);
  const { stacks, retry } = useStacks(tenant, studyInstanceUid, series, wanted);

  const [displays, setDisplays] = useState<ReadonlyArray<StackDisplay | undefined>>([]);
  const [tool, setTool] = useState<PointerTool>('WINDOW');
  const [framesPerSecond, setFramesPerSecond] = useState<number>();
  const [showOverlay, setShowOverlay] = useState(true);
  const [showMeasurements, setShowMeasurements] = useState(false);
  const [help, setHelp] = useState(false);
  const measurements = useMeasurements();
  /** An image to go to as soon as its series hangs. */
  const target = useRef<{ sopInstanceUid: string; frame: number; seriesInstanceUid: string }>(undefined);

  useEffect(() => () => forgetMeasurements(), []);
  useEffect(() => choosePointerTool(tool), [tool, displays]);

  // A study that had no series yet when it was opened.
  useEffect(() => {
    const first = firstWithImages(series);
    if (hanging.panes.every((uid) => uid === undefined) && first !== undefined) {
      dispatch({ type: 'hang', pane: 0, seriesInstanceUid: first });
    }
  }, [series, hanging.panes]);

  const activeSeries = hanging.panes[hanging.active];
  const activeDisplay = displays[hanging.active];
  const activeStack = useDisplay(activeDisplay, (snapshot) => snapshot.stack);
  const playing = useDisplay(activeDisplay, (snapshot) => snapshot.playing) ?? false;
  const hasWindow = useDisplay(activeDisplay, (snapshot) => snapshot.window !== undefined) ?? false;
  const presets = presetsFor(activeStack?.modality ?? '');
  const rate = framesPerSecond ?? naturalRate(activeStack?.images[0]);

  const keyImageOf = useCallback(
    (one: StackImage | undefined) => keyImages.find((mark) => mark.sopInstanceUid === one?.sopInstanceUid && mark.frame === one.frame),
    [keyImages],
  );

  const hasImage = useDisplay(activeDisplay, (snapshot) => shownImage(snapshot) !== undefined) ?? false;
  const isKeyImage = useDisplay(activeDisplay, (snapshot) => keyImageOf(shownImage(snapshot)) !== undefined) ?? false;

  const goTo = useCallback(
    (seriesInstanceUid: string, sopInstanceUid: string, frame: number) => {
      if (activeStack?.seriesInstanceUid === seriesInstanceUid) {
        activeDisplay?.request(indexOfFrame(activeStack, sopInstanceUid, frame));
        return;
      }
      target.current = { seriesInstanceUid, sopInstanceUid, frame };
      dispatch({ type: 'hang', pane: hanging.active, seriesInstanceUid });
    },
    [hanging.active, activeStack, activeDisplay],
  );
  useEffect(() => {
    const wantedImage = target.current;
    if (wantedImage === undefined || activeStack?.seriesInstanceUid !== wantedImage.seriesInstanceUid) return;
    target.current = undefined;
    activeDisplay?.request(indexOfFrame(activeStack, wantedImage.sopInstanceUid, wantedImage.frame));
  }, [activeStack, activeDisplay]);
  useImperativeHandle(handle, () => ({ showImage: goTo }), [goTo]);

  const toggleKeyImage = () => {
    const snapshot = activeDisplay?.getSnapshot();
    const image = shownImage(snapshot);
    const marked = keyImageOf(image);
    if (marked !== undefined) onRemoveKeyImage?.(marked.id);
    else if (image !== undefined) {
      onMarkKeyImage?.({
        sopInstanceUid: image.sopInstanceUid,
        frame: image.frame,
        windowCenter: snapshot?.window?.center ?? null,
        windowWidth: snapshot?.window?.width ?? null,
      });
    }
  };
  const runOther = (command: ViewerCommand) => {
    switch (command) {
      case 'nextSeries': return dispatch({ type: 'step', by: 1, series: order });
      case 'previousSeries': return dispatch({ type: 'step', by: -1, series: order });
      case 'nextPane': return dispatch({ type: 'activate', pane: (hanging.active + 1) % hanging.panes.length });
      case 'invert': return activeDisplay?.invert();
      case 'rotate': return activeDisplay?.rotate();
      case 'flipHorizontal': return activeDisplay?.flip('HORIZONTAL');
      case 'flipVertical': return activeDisplay?.flip('VERTICAL');
      case 'zoomIn': return activeDisplay?.zoomBy(1.2);
      case 'zoomOut': return activeDisplay?.zoomBy(1 / 1.2);
      case 'reset': return activeDisplay?.reset();
      case 'cine': return playing ? activeDisplay?.pause() : activeDisplay?.play(rate);
      case 'removeMark': return removeSelectedMeasurement(shownImage(activeDisplay?.getSnapshot())?.imageId);
      case 'overlay': return setShowOverlay((shown) => !shown);
      case 'help': return setHelp((shown) => !shown);
      case 'keyImage': return toggleKeyImage();
      default: return undefined;
    }
  };
  const run = useStableCallback((command: ViewerCommand) => {
    const pointer = TOOL_OF_COMMAND[command];
    const layout = LAYOUT_OF_COMMAND[command];
    const step = STEP_OF_COMMAND[command];
    if (pointer !== undefined) {
      // At once, not with the next render: the hand is already on its way to the image.
      choosePointerTool(pointer);
      setTool(pointer);
    } else if (layout !== undefined) dispatch({ type: 'layout', layout, series: order });
    else if (step !== undefined) activeDisplay?.step(step);
    else runOther(command);
  });
  const applyDigit = (digit: number) => {
    const preset = presets.find((known) => known.digit === digit);
    if (preset) activeDisplay?.applyPreset(preset);
  };
  useViewerKeys((key) => (typeof key === 'number' ? applyDigit(key) : run(key)));

  const placeOf = (measurement: ListedMeasurement) => {
    for (const loaded of stacks.values()) {
      if (loaded.kind !== 'LOADED') continue;
      const index = indexOfFrame(loaded.stack, measurement.sopInstanceUid, measurement.frame);
      if (index >= 0) return t('viewer.place', { series: loaded.stack.seriesNumber ?? '–', image: index + 1 });
    }
    return '';
  };

  const pick = useStableCallback((seriesInstanceUid: string) => dispatch({ type: 'hang', pane: hanging.active, seriesInstanceUid }));
  const applyPreset = useStableCallback((preset: WindowPreset) => activeDisplay?.applyPreset(preset));
  const setRate = useStableCallback((value: number) => {
    setFramesPerSecond(value);
    if (playing) activeDisplay?.play(value);
  });
  const toggleMeasurements = useCallback(() => setShowMeasurements((shown) => !shown), []);
  const shown = useMemo(() => new Set(wanted), [wanted]);

  const { rows, columns } = LAYOUTS[hanging.layout];
  return (
    <div className={classes.viewer}>
      <SeriesStrip
        series={series}
        shown={shown}
        active={activeSeries}
        onPick={pick}
      />
      <div className={classes.images}>
        <ViewerToolbar
          tool={tool}
          layout={hanging.layout}
          presets={presets}
          hasWindow={hasWindow}
          playing={playing}
          canPlay={(activeStack?.images.length ?? 0) > 1}
          framesPerSecond={rate}
          isKeyImage={isKeyImage}
          canMarkKeyImages={onMarkKeyImage !== undefined && hasImage}
          measurementCount={measurements.length}
          showMeasurements={showMeasurements}
          onCommand={run}
          onPreset={applyPreset}
          onFramesPerSecond={setRate}
          onToggleMeasurements={toggleMeasurements}
        />
        <div className={classes.grid} style={{ gridTemplateRows: `repeat(${rows}, 1fr)`, gridTemplateColumns: `repeat(${columns}, 1fr)` }}>
          {hanging.panes.map((uid, pane) => (
            <ViewportPane
              // oxlint-disable-next-line no-array-index-key -- a pane is its place
              key={pane}
              engine={engine}
              name={PANE_NAMES[pane] ?? String(pane + 1)}
              series={uid === undefined ? undefined : (stacks.get(uid) ?? { kind: 'LOADING', description: undefined })}
              startAt={0}
              isActive={pane === hanging.active}
              isAlone={hanging.panes.length === 1}
              showOverlay={showOverlay}
              isKeyImage={(one) => keyImageOf(one) !== undefined}
              onActivate={() => dispatch({ type: 'activate', pane })}
              onDropSeries={(seriesInstanceUid) => dispatch({ type: 'hang', pane, seriesInstanceUid })}
              onRetrySeries={() => uid !== undefined && retry(uid)}
              onDisplay={(display) => setDisplays((before) => Object.assign([...before], { [pane]: display }))}
            />
          ))}
        </div>
        {showMeasurements && (
          <MeasurementList
            measurements={measurements}
            placeOf={placeOf}
            onGoTo={(measurement) => {
              const one = [...stacks.values()].find(
                (loaded) => loaded.kind === 'LOADED' && indexOfFrame(loaded.stack, measurement.sopInstanceUid, measurement.frame) >= 0,
              );
              if (one?.kind === 'LOADED') goTo(one.stack.seriesInstanceUid, measurement.sopInstanceUid, measurement.frame);
            }}
            onRemove={(measurement) => removeMeasurement(measurement.id)}
          />
        )}
      </div>
      <ViewerHelp opened={help} onClose={() => setHelp(false)} presets={presets} />
    </div>
  );
}

/** The image on screen; none while one is on its way. */
function shownImage(snapshot: DisplaySnapshot | undefined): StackImage | undefined {
  return snapshot?.state.kind === 'shown' ? snapshot.stack?.images[snapshot.state.index] : undefined;
}

/** Series that are pictures before those that are documents; a localizer is not what is read first. */
function firstWithImages(series: readonly ViewerSeries[]): string | undefined {
  const pictures = series.filter((one) => !/^(SR|PR|KO|DOC|SEG|RTSTRUCT|RTPLAN|ECG)$/.test(one.modality));
  return (pictures.find((one) => !/scout|localizer|topogram|surview/i.test(one.description ?? '')) ?? pictures[0] ?? series[0])?.seriesInstanceUid;
}

/** Frames per second that the file asks for, or a calm default. */
function naturalRate(image: StackImage | undefined): number {
  if (image === undefined) return 15;
  const rate = number(image.dataset, TAG.cineRate) ?? 1000 / (number(image.dataset, TAG.frameTime) ?? 66);
  return Math.min(60, Math.max(1, Math.round(rate)));
}

function useMeasurements(): ListedMeasurement[] {
  const [measurements, setMeasurements] = useState<ListedMeasurement[]>([]);
  const scheduled = useRef(0);
  useEffect(() => {
    // A mark being dragged tells of every pixel; the list follows once a frame.
    const leave = onMeasurementsChanged(() => {
      cancelAnimationFrame(scheduled.current);
      scheduled.current = requestAnimationFrame(() => setMeasurements(listMeasurements()));
    });
    return () => {
      cancelAnimationFrame(scheduled.current);
      leave();
    };
  }, []);
  return measurements;
}
