/**
 * What one viewport is showing: the rule that a picture on screen is always the picture asked for.
 *
 * **Invariant:** the canvas may be seen only in `shown` (its image id equals the one last asked for)
 * and in `swapping` (the next image is decoded already and takes the canvas in the next frame).
 * A load that fails leaves a plate, never the image before it.
 */

export type ImageState =
  | { kind: 'empty' }
  | { kind: 'loading'; imageId: string; index: number }
  | { kind: 'swapping'; imageId: string; index: number; from: string }
  | { kind: 'shown'; imageId: string; index: number }
  | { kind: 'failed'; imageId: string; index: number; reason: FailureReason };

export type FailureReason = 'LOAD' | 'DECODE' | 'TIMEOUT' | 'MISMATCH' | 'SIGNED_OUT' | 'NOT_FOUND';

export type ImageEvent =
  | { type: 'clear' }
  | { type: 'request'; imageId: string; index: number; decoded: boolean }
  | { type: 'displayed'; imageId: string }
  | { type: 'failed'; imageId: string; reason: FailureReason };

export const EMPTY: ImageState = { kind: 'empty' };

export function nextImageState(state: ImageState, event: ImageEvent): ImageState {
  switch (event.type) {
    case 'clear':
      return EMPTY;
    case 'request': {
      const { imageId, index, decoded } = event;
      if (state.kind === 'shown' && decoded) {
        return state.imageId === imageId ? { ...state, index } : { kind: 'swapping', imageId, index, from: state.imageId };
      }
      if (state.kind === 'swapping' && decoded) return { kind: 'swapping', imageId, index, from: state.from };
      return { kind: 'loading', imageId, index };
    }
    case 'displayed':
      if (state.kind === 'empty' || state.kind === 'failed') return state;
      if (state.imageId === event.imageId) return { kind: 'shown', imageId: state.imageId, index: state.index };
      // Something else took the canvas while this image was supposed to be on it.
      if (state.kind === 'shown') return { ...state, kind: 'failed', reason: 'MISMATCH' };
      // An earlier request finished late: it is not the one asked for, so it is not shown.
      return { kind: 'loading', imageId: state.imageId, index: state.index };
    case 'failed':
      if (state.kind === 'empty' || state.imageId !== event.imageId) return state;
      // A picture that is on screen does not become wrong because a second load of it failed.
      if (state.kind === 'shown') return state;
      return { kind: 'failed', imageId: state.imageId, index: state.index, reason: event.reason };
  }
}

export function canvasMayShow(state: ImageState): boolean {
  return state.kind === 'shown' || state.kind === 'swapping';
}

/** The image id that the viewport stands for, whether or not it is on screen yet. */
export function wantedImageId(state: ImageState): string | undefined {
  return state.kind === 'empty' ? undefined : state.imageId;
}
