import { i18next } from '@/i18n';
import { calibrationAt, calibrationOf } from './model/calibration';
import { type DicomDataset, TAG, frameDataset, personName } from './model/dicomJson';
import { worldToImage } from './model/imagePlane';
import { imageStack, plateOf } from './model/imageStack';
import { EMPTY, type ImageEvent, type ImageState, canvasMayShow, nextImageState } from './model/imageState';
import { nextHanging } from './model/layout';
import { angleDegrees, measure, roiStatistics } from './model/measurement';
import { measurementLines } from './model/measurementText';
import { directionLetters, screenEdgeLetters, storedEdgeLetters } from './model/orientation';
import { overlayCorners, slicePosition } from './model/overlayText';
import { pixelUnit } from './model/pixelUnit';
import { prefetchOrder } from './model/prefetchOrder';
import { presetsFor, resolvePreset, windowBounds, windowOfBounds } from './model/presets';

/** A data set from plain values. */
function dataset(values: Partial<Record<keyof typeof TAG, unknown>>): DicomDataset {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [TAG[name as keyof typeof TAG], { vr: 'UN', Value: Array.isArray(value) ? value : [value] }]),
  );
}

/** The value, which the test takes to be there. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}

const run = (events: ImageEvent[], from: ImageState = EMPTY) => events.reduce(nextImageState, from);
const request = (imageId: string, decoded = false): ImageEvent => ({ type: 'request', imageId, index: Number(imageId.slice(1)), decoded });

const instance = (sopInstanceUid: string, instanceNumber: number | undefined, more = {}) =>
  dataset({ sopInstanceUid, modality: 'CT', rows: 2, columns: 2, bitsAllocated: 16, ...(instanceNumber === undefined ? {} : { instanceNumber }), ...more });

const t = i18next.getFixedT('en');

describe('the state of a viewport', () => {
  it('hides the canvas from the moment another image is asked for until that image is drawn', () => {
    const shown = run([request('i1'), { type: 'displayed', imageId: 'i1' }]);
    expect(shown).toEqual({ kind: 'shown', imageId: 'i1', index: 1 });
    const asked = nextImageState(shown, request('i2'));
    expect(asked.kind).toBe('loading');
    expect(canvasMayShow(asked)).toBe(false);
    expect(canvasMayShow(nextImageState(asked, { type: 'displayed', imageId: 'i2' }))).toBe(true);
  });

  it('never shows the image before when a load fails', () => {
    const failed = run([request('i1'), { type: 'displayed', imageId: 'i1' }, request('i2'), { type: 'failed', imageId: 'i2', reason: 'LOAD' }]);
    expect(failed).toEqual({ kind: 'failed', imageId: 'i2', index: 2, reason: 'LOAD' });
    expect(canvasMayShow(failed)).toBe(false);
    // The library may still announce the old image, which it keeps on its canvas.
    expect(canvasMayShow(nextImageState(failed, { type: 'displayed', imageId: 'i1' }))).toBe(false);
  });

  it('does not take an image that finishes late for the one asked for since', () => {
    const state = run([request('i1'), request('i2'), { type: 'displayed', imageId: 'i1' }]);
    expect(state.kind).toBe('loading');
    expect(canvasMayShow(state)).toBe(false);
  });

  it('ignores the failure of an image that is no longer asked for', () => {
    const state = run([request('i1'), request('i2'), { type: 'failed', imageId: 'i1', reason: 'LOAD' }]);
    expect(state).toMatchObject({ kind: 'loading', imageId: 'i2' });
  });

  it('hides what somebody else has drawn over the image asked for', () => {
    const state = run([request('i1'), { type: 'displayed', imageId: 'i1' }, { type: 'displayed', imageId: 'i9' }]);
    expect(state).toMatchObject({ kind: 'failed', imageId: 'i1', reason: 'MISMATCH' });
  });

  it('keeps the canvas through the swap to a decoded image, and only from an image that was on screen', () => {
    const shown = run([request('i1'), { type: 'displayed', imageId: 'i1' }]);
    const swapping = nextImageState(shown, request('i2', true));
    expect(swapping).toEqual({ kind: 'swapping', imageId: 'i2', index: 2, from: 'i1' });
    expect(canvasMayShow(swapping)).toBe(true);
    expect(canvasMayShow(nextImageState(swapping, { type: 'failed', imageId: 'i2', reason: 'DECODE' }))).toBe(false);
    expect(canvasMayShow(run([request('i3', true)]))).toBe(false);
    const failed = run([request('i1'), { type: 'failed', imageId: 'i1', reason: 'LOAD' }]);
    expect(canvasMayShow(nextImageState(failed, request('i2', true)))).toBe(false);
  });

  it('can be tried again after a failure, and be cleared', () => {
    const failed = run([request('i1'), { type: 'failed', imageId: 'i1', reason: 'TIMEOUT' }]);
    expect(run([request('i1'), { type: 'displayed', imageId: 'i1' }], failed).kind).toBe('shown');
    expect(nextImageState(failed, { type: 'clear' })).toEqual(EMPTY);
    expect(nextImageState(EMPTY, { type: 'displayed', imageId: 'i1' })).toEqual(EMPTY);
  });
});

describe('calibration', () => {
  it('uses Pixel Spacing of a cross-sectional image', () => {
    expect(calibrationOf(dataset({ modality: 'CT', pixelSpacing: [0.5, 0.4] }))).toEqual({
      source: 'PIXEL_SPACING', rowSpacing: 0.5, columnSpacing: 0.4, unit: 'mm',
    });
  });

  it('names the detector as the place of a radiograph’s millimetres', () => {
    expect(calibrationOf(dataset({ modality: 'DX', imagerPixelSpacing: [0.14, 0.14] })).source).toBe('DETECTOR');
    // Equal values mean that nobody corrected for magnification (PS3.3 §10.7.1.3).
    expect(calibrationOf(dataset({ modality: 'CR', pixelSpacing: [0.14, 0.14], imagerPixelSpacing: [0.14, 0.14] })).source).toBe('DETECTOR');
    expect(calibrationOf(dataset({ modality: 'CR', pixelSpacing: [0.14, 0.14] })).source).toBe('DETECTOR');
  });

  it('says when a radiograph was calibrated, and how', () => {
    const corrected = dataset({ modality: 'DX', pixelSpacing: [0.12, 0.12], imagerPixelSpacing: [0.14, 0.14], pixelSpacingCalibrationType: 'FIDUCIAL' });
    expect(calibrationOf(corrected)).toMatchObject({ source: 'FIDUCIAL', rowSpacing: 0.12 });
    const estimated = dataset({ modality: 'XA', imagerPixelSpacing: [0.3, 0.3], magnificationFactor: 1.5 });
    const calibration = calibrationOf(estimated);
    expect(calibration.source).toBe('DETECTOR_CORRECTED');
    expect(calibration.rowSpacing).toBeCloseTo(0.2, 9);
  });

  it('measures in pixels where the file says nothing, or nonsense', () => {
    expect(calibrationOf(dataset({ modality: 'OT' }))).toMatchObject({ source: 'NONE', unit: 'px', rowSpacing: 1 });
    expect(calibrationOf(dataset({ modality: 'CT', pixelSpacing: [0, 0.4] })).unit).toBe('px');
    expect(calibrationOf(dataset({ modality: 'CT', pixelSpacing: ['x', 'y'] })).unit).toBe('px');
  });

  it('trusts an ultrasound scale inside its region only', () => {
    const region = {
      '00186018': { vr: 'UL', Value: [10] }, '0018601A': { vr: 'UL', Value: [10] }, '0018601C': { vr: 'UL', Value: [100] }, '0018601E': { vr: 'UL', Value: [100] },
      '00186024': { vr: 'US', Value: [3] }, '00186026': { vr: 'US', Value: [3] }, '0018602C': { vr: 'FD', Value: [0.02] }, '0018602E': { vr: 'FD', Value: [-0.03] },
    };
    const image = dataset({ modality: 'US', ultrasoundRegions: [region] });
    expect(calibrationAt(image, [[20, 20], [90, 90]])).toEqual({ source: 'ULTRASOUND_REGION', columnSpacing: 0.2, rowSpacing: 0.3, unit: 'mm' });
    expect(calibrationAt(image, [[20, 20], [120, 90]]).unit).toBe('px');
    const spectrum = { ...region, '00186024': { vr: 'US', Value: [4] } };
    const both = dataset({ modality: 'US', ultrasoundRegions: [spectrum, region] });
    expect(calibrationAt(both, []).source).toBe('ULTRASOUND_REGION');
    expect(calibrationAt(both, [[20, 20]]).unit).toBe('px');
  });
});

describe('units of pixel values', () => {
  it('says HU of a CT with rescale, and of nothing else', () => {
    const ct = { modality: 'CT', rescaleSlope: 1, rescaleIntercept: -1024 };
    expect(pixelUnit(dataset(ct))).toBe('HU');
    expect(pixelUnit(dataset({ ...ct, rescaleType: 'HU' }))).toBe('HU');
    expect(pixelUnit(dataset({ modality: 'CT' }))).toBeUndefined();
    expect(pixelUnit(dataset({ modality: 'CT', rescaleSlope: 1 }))).toBeUndefined();
    expect(pixelUnit(dataset({ ...ct, rescaleType: 'US' }))).toBeUndefined();
    expect(pixelUnit(dataset({ ...ct, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }))).toBeUndefined();
    expect(pixelUnit(dataset({ ...ct, modality: 'MR' }))).toBeUndefined();
    expect(pixelUnit(dataset({ ...ct, modality: 'MR', rescaleType: 'HU' }))).toBeUndefined();
  });

  it('keeps the unit a PET says it has', () => {
    expect(pixelUnit(dataset({ modality: 'PT', units: 'BQML', rescaleSlope: 2, rescaleIntercept: 0 }))).toBe('Bq/ml');
    expect(pixelUnit(dataset({ modality: 'PT' }))).toBeUndefined();
  });
});

describe('measurements', () => {
  // Four by three, values 0 to 11.
  const pixels = { width: 4, height: 3, values: Int16Array.from({ length: 12 }, (_, index) => index), components: 1 };
  const ct = dataset({ modality: 'CT', pixelSpacing: [2, 0.5], rescaleSlope: 1, rescaleIntercept: 0 });

  it('measures lengths and angles with oblong pixels', () => {
    expect(measure('LENGTH', [[0, 0], [8, 0]], ct, pixels)).toMatchObject({ length: 4 });
    expect(measure('LENGTH', [[0, 0], [6, 2]], ct, pixels)).toMatchObject({ length: 5 });
    // On the screen's pixels this would be 45°.
    expect(angleDegrees([1, 0], [0, 0], [1, 1], { source: 'NONE', rowSpacing: 2, columnSpacing: 0.5, unit: 'mm' })).toBeCloseTo(75.9638, 3);
  });

  it('takes the mean, the deviation and the extremes of the pixels whose centres are inside', () => {
    expect(roiStatistics(pixels, 'RECTANGLE', [[0.5, 0.5], [2.5, 2.4]])).toEqual({ mean: 7.5, standardDeviation: Math.sqrt(4.25), min: 5, max: 10, count: 4 });
    expect(roiStatistics(pixels, 'ELLIPSE', [[0, 0], [2, 2]])).toMatchObject({ count: 5, min: 1, max: 9, mean: 5 });
    expect(roiStatistics(pixels, 'RECTANGLE', [[-9, -9], [-5, -5]])).toBeUndefined();
    expect(roiStatistics(pixels, 'RECTANGLE', [[-9, -9], [99, 99]])).toMatchObject({ count: 12, min: 0, max: 11 });
  });

  it('gives an ellipse its own area, not its box’s', () => {
    const result = measure('ELLIPSE', [[0, 0], [2, 2]], ct, pixels);
    expect(result).toMatchObject({ area: Math.PI, unit: 'HU' });
  });

  it('writes figures with their unit and what they rest on', () => {
    expect(measurementLines(measure('LENGTH', [[0, 0], [8, 0]], ct, pixels), t)).toEqual(['4.0 mm']);
    const radiograph = dataset({ modality: 'DX', imagerPixelSpacing: [0.1, 0.1] });
    expect(measurementLines(measure('LENGTH', [[0, 0], [8, 0]], radiograph, pixels), t)).toEqual(['0.8 mm (at detector)']);
    expect(measurementLines(measure('LENGTH', [[0, 0], [8, 0]], dataset({ modality: 'OT' }), pixels), t)).toEqual(['8.0 px (not calibrated)']);
    expect(measurementLines(measure('PROBE', [[1.4, 1.6]], ct, pixels), t)).toEqual(['9 HU', 'x 1  y 2']);
    expect(measurementLines(measure('RECTANGLE', [[0.5, 0.5], [2.5, 2.4]], ct, pixels), t)).toEqual(['mean 7.5 HU  SD 2.1', 'min 5  max 10', '3.8 mm²']);
  });

  it('probes all channels of a colour image, and none outside it', () => {
    const colour = { width: 2, height: 1, values: Uint8Array.from([1, 2, 3, 4, 5, 6]), components: 3 };
    expect(measure('PROBE', [[1, 0]], dataset({ samplesPerPixel: 3 }), colour)).toMatchObject({ values: [4, 5, 6], unit: undefined });
    expect(measure('PROBE', [[2, 0]], dataset({}), colour)).toBeUndefined();
    expect(roiStatistics(colour, 'RECTANGLE', [[0, 0], [1, 0]])).toBeUndefined();
  });

  it('comes back from patient space to the pixel, also when the image stands upright', () => {
    const coronal = {
      imagePositionPatient: [-100, 20, 50], rowCosines: [1, 0, 0], columnCosines: [0, 0, -1], rowPixelSpacing: 2, columnPixelSpacing: 0.5,
    };
    expect(worldToImage(coronal, [-100, 20, 50])).toEqual([0, 0]);
    expect(worldToImage(coronal, [-95, 20, 44])).toEqual([10, 3]);
  });
});

describe('window presets', () => {
  it('puts the usual CT windows on the digits', () => {
    const ct = presetsFor('CT');
    expect(ct.map((preset) => preset.digit)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(resolvePreset(known(ct[0]), {})).toEqual({ center: 40, width: 80 });
    expect(ct.find((preset) => preset.name === 'lung')?.window).toMatchObject({ center: -600, width: 1500 });
  });

  it('makes the windows of other modalities from the picture', () => {
    const [file, auto, harder] = presetsFor('MR');
    const picture = { fileWindow: { center: 300, width: 600 }, pixelRange: { min: 0, max: 1000 } };
    expect(resolvePreset(known(file), picture)).toEqual({ center: 300, width: 600 });
    expect(resolvePreset(known(auto), picture)).toEqual({ center: 500, width: 1000 });
    expect(resolvePreset(known(harder), picture)).toEqual({ center: 300, width: 360 });
    expect(resolvePreset(known(file), { pixelRange: picture.pixelRange })).toEqual({ center: 500, width: 1000 });
    expect(resolvePreset(known(file), {})).toBeUndefined();
  });

  it('computes bounds as PS3.3 §C.11.2.1.2.1 does, and back', () => {
    expect(windowBounds({ center: 40, width: 80 })).toEqual({ lower: 0, upper: 79 });
    expect(windowOfBounds(windowBounds({ center: -600, width: 1500 }))).toEqual({ center: -600, width: 1500 });
  });
});

describe('a series as a stack', () => {
  it('orders by instance number as numbers, then by position, and spreads frames', () => {
    const stack = imageStack('1.2', [
      instance('1.10', 10), instance('1.9', 9), instance('1.8', 8, { numberOfFrames: 2 }), instance('1.7', undefined),
    ], '/s');
    expect(stack.images.map((image) => [image.sopInstanceUid, image.frame])).toEqual([['1.8', 1], ['1.8', 2], ['1.9', 1], ['1.10', 1], ['1.7', 1]]);
    expect(stack.images[1]?.imageId).toBe('wadors:/s/instances/1.8/frames/2');
  });

  it('gives a plate to what is not a picture, and never a place in the stack', () => {
    expect(plateOf(dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.88.33' }))).toBe('STRUCTURED_REPORT');
    expect(plateOf(dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.104.1' }))).toBe('DOCUMENT');
    expect(plateOf(dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.9.1.1' }))).toBe('WAVEFORM');
    expect(plateOf(dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.88.59' }))).toBe('KEY_OBJECTS');
    expect(plateOf(dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1', rows: 2, columns: 2, bitsAllocated: 16 }))).toBeUndefined();
    expect(plateOf(dataset({ rows: 2, columns: 2, bitsAllocated: 1 }))).toBe('UNSUPPORTED_PIXELS');
    expect(plateOf(dataset({ rows: 2, columns: 2, bitsAllocated: 8, availableTransferSyntaxUid: '1.2.840.10008.1.2.4.102' }))).toBe('VIDEO');
    const mixed = imageStack('1.2', [dataset({ sopClassUid: '1.2.840.10008.5.1.4.1.1.88.33' }), instance('1.1', 1)], '/s');
    expect(mixed).toMatchObject({ withoutPicture: 1, plate: undefined });
    expect(imageStack('1.2', [], '/s').plate).toBe('EMPTY');
  });

  it('lifts functional groups of an enhanced image to where single frames have them', () => {
    const enhanced: DicomDataset = {
      '52009229': { vr: 'SQ', Value: [{ '00289110': { vr: 'SQ', Value: [{ '00280030': { vr: 'DS', Value: [0.7, 0.7] } }] } }] },
      '52009230': { vr: 'SQ', Value: [1, 2].map((z) => ({ '00209113': { vr: 'SQ', Value: [{ '00200032': { vr: 'DS', Value: [0, 0, z] } }] } })) },
    };
    const second = frameDataset(enhanced, 2);
    expect(second['00280030']?.Value).toEqual([0.7, 0.7]);
    expect(second['00200032']?.Value).toEqual([0, 0, 2]);
    expect(enhanced['00200032']).toBeUndefined();
  });

  it('fetches ahead in the direction of scrolling first', () => {
    expect(prefetchOrder(10, 4, 1, 6)).toEqual([5, 6, 3, 7, 8, 2]);
    expect(prefetchOrder(10, 4, -1, 4)).toEqual([3, 2, 5, 1]);
    expect(prefetchOrder(4, 3, 1, 9).toSorted()).toEqual([0, 1, 2]);
    expect(prefetchOrder(1, 0, 1, 9)).toEqual([]);
  });
});

describe('words on the picture', () => {
  it('names the edges of an axial slice and follows flips and turns', () => {
    const axial = known(storedEdgeLetters(dataset({ imageOrientation: [1, 0, 0, 0, 1, 0] })));
    expect(axial).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
    expect(screenEdgeLetters(axial, { right: [0.5, 0], down: [0, 0.5] })).toEqual(axial);
    // A quarter turn clockwise: to the right lies what was above.
    expect(screenEdgeLetters(axial, { right: [0, -2], down: [2, 0] })).toEqual({ left: 'P', right: 'A', top: 'R', bottom: 'L' });
    expect(screenEdgeLetters(axial, { right: [-1, 0], down: [0, 1] })).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
    expect(screenEdgeLetters(axial, { right: [1, 1], down: [-1, 1] })).toBeUndefined();
    expect(directionLetters([0.1, 0.7, -0.7])).toBe('PF');
    expect(storedEdgeLetters(dataset({ patientOrientation: ['L', 'F'] }))).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
    expect(storedEdgeLetters(dataset({}))).toBeUndefined();
  });

  it('says where in the stack, how displayed, how calibrated, and that a picture is lossy', () => {
    const values = {
      sopInstanceUid: '1.1', modality: 'CT', rows: 2, columns: 2, bitsAllocated: 16, seriesNumber: 3, pixelSpacing: [0.5, 0.5], sliceThickness: 5,
      imagePosition: [0, 0, -42.5], imageOrientation: [1, 0, 0, 0, 1, 0], lossyImageCompression: '01', lossyImageCompressionRatio: 12.3,
      patientId: 'P1', patientSex: 'F', patientAge: '064Y', studyDate: '20261122', availableTransferSyntaxUid: '1.2.840.10008.1.2.4.91',
    };
    const stack = imageStack('1.2', [dataset(values)], '/s');
    const corners = overlayCorners(stack, known(stack.images[0]), { index: 0, window: { center: 40, width: 80 }, zoom: 1.5, transferSyntaxUid: undefined }, t);
    expect(corners.topLeft).toEqual(['P1', 'F 64 Y']);
    expect(corners.topRight).toEqual(['2026-11-22', 'CT']);
    expect(corners.bottomLeft).toEqual(['Se 3  Im 1/1', 'Pos -42.5 mm  Th 5 mm', 'mm: Pixel Spacing']);
    expect(corners.bottomRight).toEqual(['W 80  L 40', 'Zoom 150 %', 'JPEG 2000']);
    expect(corners.lossy).toBe('lossy compressed 12:1');
    expect(slicePosition(dataset({ sliceLocation: 12 }))).toBe(12);
  });

  it('writes names in the script the patient uses, with the alphabetic beside it', () => {
    const name = { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' }] } };
    expect(personName(name, TAG.patientName)).toBe('山田, 太郎 · Yamada, Tarou');
    expect(personName({}, TAG.patientName)).toBeUndefined();
  });
});

describe('hanging', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];

  it('keeps what is looked at when the layout changes and fills the rest with unseen series', () => {
    const two = nextHanging({ layout: '1x1', active: 0, panes: ['b'] }, { type: 'layout', layout: '1x2', series: order });
    expect(two).toEqual({ layout: '1x2', active: 0, panes: ['b', 'a'] });
    const four = nextHanging({ ...two, active: 1 }, { type: 'layout', layout: '2x2', series: order });
    expect(four.panes).toEqual(['a', 'b', 'c', 'd']);
    expect(nextHanging(four, { type: 'layout', layout: '1x1', series: order }).panes).toEqual(['a']);
  });

  it('steps to the neighbouring series and stops at the ends', () => {
    const at = { layout: '1x1' as const, active: 0, panes: ['d'] };
    expect(nextHanging(at, { type: 'step', by: 1, series: order }).panes).toEqual(['e']);
    expect(nextHanging({ ...at, panes: ['e'] }, { type: 'step', by: 1, series: order }).panes).toEqual(['e']);
  });
});
