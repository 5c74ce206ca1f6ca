/**
 * One viewport: a stack of images of which one is on screen.
 *
 * The drawing library resolves a failed load as if it had worked and leaves the image before on the canvas.
 * So frames are loaded here first, and the library is only ever asked to show what is decoded already.
 *
 * **Invariant:** `state` is `shown` only after the library itself names the asked-for image as the one it drew.
 * **Invariant:** a request that is overtaken by another never reaches the canvas.
 */
import { Enums, type RenderingEngine, type Types, eventTarget, metaData } from '@cornerstonejs/core';
import { type ImagePlane, worldToImage } from '../model/imagePlane';
import type { ScreenAxes } from '../model/orientation';
import { EMPTY, type ImageEvent, type ImageState, canvasMayShow, nextImageState, wantedImageId } from '../model/imageState';
import { type ImageStack, indexOfImage } from '../model/imageStack';
import { type Window, type WindowPreset, resolvePreset, windowBounds, windowOfBounds } from '../model/presets';
import { TAG, number } from '../model/dicomJson';
import { registerImages } from './annotations';
import { ImageFailure, forget, isDecoded, loadFrame } from './loadImage';
import { Prefetcher } from './prefetcher';
import { joinToolGroup, leaveToolGroup } from './tools';

export interface DisplaySnapshot {
  state: ImageState;
  stack: ImageStack | undefined;
  /** Window of the image on screen; absent for colour. */
  window: Window | undefined;
  /** Screen pixels per image pixel. */
  zoom: number;
  axes: ScreenAxes;
  inverted: boolean;
  transferSyntaxUid: string | undefined;
  /** How many images of the stack are decoded. */
  decoded: number;
  playing: boolean;
}

const UPRIGHT = { rotation: 0, flipHorizontal: false, flipVertical: false };
const AS_STORED: ScreenAxes = { right: [1, 0], down: [0, 1] };

export class StackDisplay {
  private snapshot: DisplaySnapshot = {
    state: EMPTY, stack: undefined, window: undefined, zoom: 1, axes: AS_STORED, inverted: false,
    transferSyntaxUid: undefined, decoded: 0, playing: false,
  };
  private readonly listeners = new Set<() => void>();
  private readonly prefetcher = new Prefetcher(() => this.countDecoded());
  private viewport: Types.IStackViewport | undefined;
  /** The library's own idea of the stack is older than ours and must be set before the next image. */
  private stackIsStale = true;
  private requestNumber = 0;
  private cineTimer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;

  constructor(
    private readonly engine: RenderingEngine,
    private readonly viewportId: string,
    private readonly element: HTMLDivElement,
  ) {
    engine.enableElement({
      viewportId,
      element,
      type: Enums.ViewportType.STACK,
      defaultOptions: { background: [0, 0, 0] },
    });
    this.viewport = engine.getViewport(viewportId) as Types.IStackViewport;
    joinToolGroup(viewportId);
    element.addEventListener(Enums.Events.IMAGE_RENDERED, this.onRendered);
    element.addEventListener(Enums.Events.VOI_MODIFIED, this.onChanged);
    element.addEventListener(Enums.Events.CAMERA_MODIFIED, this.onChanged);
    eventTarget.addEventListener(Enums.Events.IMAGE_LOAD_ERROR, this.onLoadError);
    eventTarget.addEventListener(Enums.Events.IMAGE_LOAD_FAILED, this.onLoadError);
  }

  readonly getSnapshot = (): DisplaySnapshot => this.snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Hangs a stack. The same series again (more images have come) keeps the image and the display as they are. */
  hang(stack: ImageStack | undefined, startAt?: number): void {
    const before = this.snapshot.stack;
    this.stackIsStale = true;
    if (stack === undefined || stack.images.length === 0) {
      this.pause();
      this.requestNumber += 1;
      this.update({ stack, state: EMPTY, window: undefined, axes: AS_STORED, decoded: 0 });
      return;
    }
    registerImages(stack.images);
    if (before?.seriesInstanceUid === stack.seriesInstanceUid) {
      const kept = indexOfImage(stack, wantedImageId(this.snapshot.state));
      this.update({ stack });
      if (kept >= 0 && this.snapshot.state.kind === 'shown') {
        this.apply({ type: 'request', imageId: stack.images[kept]?.imageId ?? '', index: kept, decoded: true });
        this.prefetch(kept);
        return;
      }
      if (kept >= 0) {
        this.apply({ type: 'clear' });
        this.request(kept);
        return;
      }
    } else {
      this.pause();
      this.apply({ type: 'clear' });
      this.update({ stack, axes: AS_STORED, window: undefined, inverted: false, transferSyntaxUid: undefined });
    }
    this.request(startAt ?? 0);
  }

  step(by: number): void {
    const { state, stack } = this.snapshot;
    if (stack === undefined || state.kind === 'empty') return;
    this.request(Math.min(stack.images.length - 1, Math.max(0, state.index + by)));
  }

  /** Asks for an image of the stack; what is on the canvas is hidden at once unless this one is decoded. */
  request(index: number): void {
    const image = this.snapshot.stack?.images[index];
    const state = this.snapshot.state;
    if (image === undefined) return;
    if (image.imageId === wantedImageId(state) && state.kind !== 'failed' && state.kind !== 'empty') return;
    this.requestNumber += 1;
    this.apply({ type: 'request', imageId: image.imageId, index, decoded: isDecoded(image.imageId) && !this.stackIsStale });
    void this.load(image.imageId, index, this.requestNumber);
  }

  retry(): void {
    const { state } = this.snapshot;
    if (state.kind !== 'failed') return;
    forget(state.imageId);
    this.request(state.index);
  }

  private async load(imageId: string, index: number, requestNumber: number): Promise<void> {
    try {
      const image = await loadFrame(imageId, 'interaction');
      if (this.isOvertaken(requestNumber)) return;
      await this.draw(imageId, index);
      if (this.isOvertaken(requestNumber)) return;
      this.update({ transferSyntaxUid: (image as { transferSyntaxUID?: string }).transferSyntaxUID });
      this.confirmDrawn();
      this.prefetch(index, image.sizeInBytes);
    } catch (cause) {
      if (this.isOvertaken(requestNumber)) return;
      this.apply({ type: 'failed', imageId, reason: cause instanceof ImageFailure ? cause.reason : 'DECODE' });
    }
  }

  private isOvertaken(requestNumber: number): boolean {
    return this.disposed || requestNumber !== this.requestNumber;
  }

  private async draw(imageId: string, index: number): Promise<void> {
    const { viewport } = this;
    const stack = this.snapshot.stack;
    if (viewport === undefined || stack === undefined || stack.images[index]?.imageId !== imageId) return;
    if (!this.stackIsStale) {
      await viewport.setImageIdIndex(index);
      return;
    }
    const ids = stack.images.map((image) => image.imageId);
    // The library forgets window and zoom with every new list of images, also when the list only grew.
    const ours = new Set(ids);
    const sameSeries = viewport.getImageIds().some((known) => ours.has(known));
    const kept = sameSeries ? { properties: viewport.getProperties(), presentation: viewport.getViewPresentation() } : undefined;
    this.stackIsStale = false;
    await viewport.setStack(ids, index);
    if (kept) {
      viewport.setProperties(kept.properties);
      viewport.setViewPresentation(kept.presentation);
    } else {
      viewport.resetCamera();
    }
    viewport.render();
  }

  /** Believes the library's own account of what it has drawn, not the promise. */
  private confirmDrawn(): void {
    const drawn = this.viewport?.getCornerstoneImage()?.imageId;
    if (drawn !== undefined) this.apply({ type: 'displayed', imageId: drawn });
    this.readDisplay();
  }

  private readonly onRendered = (): void => {
    const { state } = this.snapshot;
    // While an image is asked for, only `load` may call it shown: this event also tells of earlier ones.
    if (state.kind === 'shown') this.confirmDrawn();
  };

  private readonly onChanged = (): void => this.readDisplay();

  private readonly onLoadError = (event: Event): void => {
    const { imageId } = ((event as CustomEvent).detail ?? {}) as { imageId?: string };
    const { state } = this.snapshot;
    // A plate at once; `load` may still mend it by a second attempt with another token.
    if (state.kind === 'swapping' && imageId === state.imageId) this.apply({ type: 'failed', imageId, reason: 'LOAD' });
  };

  // --- how it is displayed ---

  applyPreset(preset: WindowPreset): void {
    const image = this.viewport?.getCornerstoneImage();
    if (image === undefined || image.color) return;
    const dataset = this.currentDataset();
    const center = dataset && number(dataset, TAG.windowCenter);
    const width = dataset && number(dataset, TAG.windowWidth);
    const window = resolvePreset(preset, {
      fileWindow: center !== undefined && width !== undefined ? { center, width } : undefined,
      pixelRange: { min: image.minPixelValue, max: image.maxPixelValue },
    });
    if (window) this.setWindow(window);
  }

  setWindow(window: Window): void {
    this.viewport?.setProperties({ voiRange: windowBounds(window) });
    this.viewport?.render();
    this.readDisplay();
  }

  invert(): void {
    const viewport = this.viewport;
    if (viewport === undefined) return;
    viewport.setProperties({ invert: !viewport.getProperties().invert });
    viewport.render();
    this.readDisplay();
  }

  /** A quarter turn clockwise. */
  rotate(): void {
    const { rotation = 0 } = this.viewport?.getViewPresentation() ?? {};
    this.present({ rotation: (Math.round(rotation) + 90) % 360 });
  }

  flip(axis: 'HORIZONTAL' | 'VERTICAL'): void {
    const { flipHorizontal, flipVertical } = this.viewport?.getViewPresentation() ?? {};
    this.present(axis === 'HORIZONTAL' ? { flipHorizontal: !flipHorizontal } : { flipVertical: !flipVertical });
  }

  zoomBy(factor: number): void {
    const viewport = this.viewport;
    if (viewport === undefined) return;
    viewport.setZoom(viewport.getZoom() * factor);
    viewport.render();
    this.readDisplay();
  }

  reset(): void {
    const viewport = this.viewport;
    if (viewport === undefined) return;
    this.present(UPRIGHT);
    viewport.resetProperties();
    viewport.resetCamera();
    viewport.render();
    this.readDisplay();
  }

  private present(turn: Partial<typeof UPRIGHT>): void {
    this.viewport?.setViewPresentation(turn);
    this.viewport?.render();
    this.readDisplay();
  }

  resize(): void {
    if (!this.disposed) this.engine.resize(true, true);
  }

  // --- cine ---

  /** Steps through the stack; every image is shown before the next is asked for, so none is skipped. */
  play(framesPerSecond: number): void {
    clearTimeout(this.cineTimer);
    this.update({ playing: true });
    const tick = () => {
      const { state, stack } = this.snapshot;
      if (stack === undefined || state.kind === 'failed' || state.kind === 'empty') {
        this.pause();
        return;
      }
      if (state.kind === 'shown') this.request((state.index + 1) % stack.images.length);
      this.cineTimer = setTimeout(tick, 1000 / framesPerSecond);
    };
    this.cineTimer = setTimeout(tick, 1000 / framesPerSecond);
  }

  pause(): void {
    clearTimeout(this.cineTimer);
    if (this.snapshot.playing) this.update({ playing: false });
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.cineTimer);
    this.prefetcher.stop();
    this.element.removeEventListener(Enums.Events.IMAGE_RENDERED, this.onRendered);
    this.element.removeEventListener(Enums.Events.VOI_MODIFIED, this.onChanged);
    this.element.removeEventListener(Enums.Events.CAMERA_MODIFIED, this.onChanged);
    eventTarget.removeEventListener(Enums.Events.IMAGE_LOAD_ERROR, this.onLoadError);
    eventTarget.removeEventListener(Enums.Events.IMAGE_LOAD_FAILED, this.onLoadError);
    leaveToolGroup(this.viewportId);
    this.engine.disableElement(this.viewportId);
    this.viewport = undefined;
  }

  // --- inside ---

  private currentDataset() {
    const { state, stack } = this.snapshot;
    return state.kind === 'empty' ? undefined : stack?.images[state.index]?.dataset;
  }

  private readDisplay(): void {
    const { viewport } = this;
    const image = viewport?.getCornerstoneImage();
    if (viewport === undefined || image === undefined || this.disposed) return;
    const { voiRange, invert } = viewport.getProperties();
    this.update({
      window: voiRange && !image.color ? windowOfBounds(voiRange) : undefined,
      inverted: invert ?? false,
      ...this.screenGeometry(viewport, image),
    });
  }

  /** Zoom and axes, both from where the library itself maps points of the screen. */
  private screenGeometry(viewport: Types.IStackViewport, image: Types.IImage): Pick<DisplaySnapshot, 'zoom' | 'axes'> {
    const plane = metaData.get('imagePlaneModule', image.imageId) as ImagePlane | undefined;
    if (plane === undefined) return { zoom: this.snapshot.zoom, axes: this.snapshot.axes };
    const at = (x: number, y: number) => worldToImage(plane, viewport.canvasToWorld([x, y]));
    const [origin, right, below] = [at(0, 0), at(100, 0), at(0, 100)];
    const axes: ScreenAxes = {
      right: [right[0] - origin[0], right[1] - origin[1]],
      down: [below[0] - origin[0], below[1] - origin[1]],
    };
    return { zoom: 100 / Math.max(1e-6, Math.hypot(...axes.right)), axes };
  }

  private prefetch(index: number, bytesPerImage = 512 * 1024): void {
    const ids = this.snapshot.stack?.images.map((image) => image.imageId) ?? [];
    this.prefetcher.around(ids, index, bytesPerImage);
    this.countDecoded();
  }

  private countDecoded(): void {
    const decoded = this.snapshot.stack?.images.filter((image) => isDecoded(image.imageId)).length ?? 0;
    if (decoded !== this.snapshot.decoded) this.update({ decoded });
  }

  private apply(event: ImageEvent): void {
    const state = nextImageState(this.snapshot.state, event);
    if (state !== this.snapshot.state) this.update({ state });
  }

  private update(change: Partial<DisplaySnapshot>): void {
    this.snapshot = { ...this.snapshot, ...change };
    // Not left to the next render of the page: nothing may be seen in between.
    this.element.style.visibility = canvasMayShow(this.snapshot.state) ? 'visible' : 'hidden';
    this.listeners.forEach((listener) => listener());
  }
}
