/**
 * Window presets on the digits 1 to 9, by modality.
 * CT values are the ones reading rooms share; other modalities have no absolute scale,
 * so theirs are made from the picture: the file's own window, or the range of its pixels.
 */

export type PresetName =
  | 'brain' | 'subdural' | 'stroke' | 'bone' | 'lung' | 'abdomen' | 'liver' | 'angio'
  | 'file' | 'auto' | 'harder' | 'softer';

export interface FixedWindow {
  kind: 'FIXED';
  center: number;
  width: number;
}
export interface RelativeWindow {
  kind: 'FILE' | 'AUTO';
  /** Factor on the width: below 1 is harder, above 1 softer. */
  widthFactor: number;
}
export interface WindowPreset {
  /** The digit key that applies it, 1 to 9. */
  digit: number;
  /** Message key below `viewer.preset`. */
  name: PresetName;
  window: FixedWindow | RelativeWindow;
}

const fixed = (digit: number, name: PresetName, center: number, width: number): WindowPreset => ({
  digit,
  name,
  window: { kind: 'FIXED', center, width },
});

const relative = (digit: number, name: PresetName, kind: 'FILE' | 'AUTO', widthFactor: number): WindowPreset => ({
  digit,
  name,
  window: { kind, widthFactor },
});

const CT: readonly WindowPreset[] = [
  fixed(1, 'brain', 40, 80),
  fixed(2, 'subdural', 75, 215),
  fixed(3, 'stroke', 35, 40),
  fixed(4, 'bone', 500, 2500),
  fixed(5, 'lung', -600, 1500),
  fixed(6, 'abdomen', 50, 400),
  fixed(7, 'liver', 90, 150),
  fixed(8, 'angio', 300, 700),
  relative(9, 'file', 'FILE', 1),
];

const RELATIVE: readonly WindowPreset[] = [
  relative(1, 'file', 'FILE', 1),
  relative(2, 'auto', 'AUTO', 1),
  relative(3, 'harder', 'FILE', 0.6),
  relative(4, 'softer', 'FILE', 1.6),
];

/** The presets of a modality, in the order of their digits. */
export function presetsFor(modality: string): readonly WindowPreset[] {
  return modality === 'CT' ? CT : RELATIVE;
}

export interface Window {
  center: number;
  width: number;
}

/** What a preset means for one picture; `undefined` where the picture offers nothing to make it from. */
export function resolvePreset(
  preset: WindowPreset,
  picture: { fileWindow?: Window | undefined; pixelRange?: { min: number; max: number } | undefined },
): Window | undefined {
  const { window } = preset;
  if (window.kind === 'FIXED') return { center: window.center, width: window.width };
  const auto = picture.pixelRange && {
    center: (picture.pixelRange.min + picture.pixelRange.max) / 2,
    width: Math.max(1, picture.pixelRange.max - picture.pixelRange.min),
  };
  const base = window.kind === 'FILE' ? (picture.fileWindow ?? auto) : auto;
  return base && { center: base.center, width: Math.max(1, base.width * window.widthFactor) };
}

/**
 * Bounds for the display from center and width, after PS3.3 §C.11.2.1.2.1 (LINEAR).
 * The half-pixel terms of the formula are kept, so that a width of 1 is a threshold.
 */
export function windowBounds({ center, width }: Window): { lower: number; upper: number } {
  return { lower: center - 0.5 - (width - 1) / 2, upper: center - 0.5 + (width - 1) / 2 };
}

export function windowOfBounds({ lower, upper }: { lower: number; upper: number }): Window {
  return { center: (lower + upper + 1) / 2, width: upper - lower + 1 };
}
