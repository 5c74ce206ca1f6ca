/**
 * Fetches and decodes one frame into the cache.
 *
 * **Invariant:** the promise always settles, and resolves only with the very image asked for.
 */
import { type Types, cache, imageLoader } from '@cornerstonejs/core';
import { ApiError } from '@/api/request';
import { session } from '@/api/session';
import type { FailureReason } from '../model/imageState';
import { sentToken } from './cornerstone';

export class ImageFailure extends Error {
  readonly reason: FailureReason;
  constructor(reason: FailureReason) {
    super(`image not shown: ${reason}`);
    this.name = 'ImageFailure';
    this.reason = reason;
  }
}

/** A decoder that was given what it cannot read may never answer. */
const PATIENCE_MS = 45_000;

export type Urgency = 'interaction' | 'prefetch';

export function isDecoded(imageId: string): boolean {
  return cache.isLoaded(imageId);
}

/** Errors: `ImageFailure`. */
export async function loadFrame(imageId: string, urgency: Urgency): Promise<Types.IImage> {
  try {
    return await attempt(imageId, urgency);
  } catch (cause) {
    if (statusOf(cause) !== 401) throw asFailure(cause);
  }
  try {
    await session.accessTokenAfter(sentToken(imageId) ?? '');
    return await attempt(imageId, urgency);
  } catch (cause) {
    throw asFailure(cause);
  }
}

async function attempt(imageId: string, urgency: Urgency): Promise<Types.IImage> {
  const image = await withPatience(imageId, cachedOrStarted(imageId, urgency));
  if (image.imageId !== imageId) throw new ImageFailure('MISMATCH');
  // A frame of another length than its header says would be drawn black or as nonsense.
  const values = image.voxelManager?.getScalarData() ?? image.getPixelData();
  if (values.length !== image.rows * image.columns * (image.numberOfComponents ?? 1)) throw new ImageFailure('DECODE');
  return image;
}

function cachedOrStarted(imageId: string, urgency: Urgency): Promise<Types.IImage> {
  const known = cache.getImageLoadObject(imageId);
  if (known) return known.promise;
  const promise = imageLoader.loadImage(imageId, {
    priority: urgency === 'interaction' ? 5 : 0,
    requestType: urgency,
    additionalDetails: { imageId },
  });
  // The library's own `loadAndCacheImage` leaves the cache's copy of a rejection unhandled.
  cache.putImageLoadObject(imageId, { promise }).catch(() => undefined);
  return promise;
}

function withPatience<T>(imageId: string, load: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const outOfPatience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      forget(imageId);
      reject(new ImageFailure('TIMEOUT'));
    }, PATIENCE_MS);
  });
  return Promise.race([load, outOfPatience]).finally(() => clearTimeout(timer));
}

/** Without this a later attempt would only wait for the one that never ends. */
export function forget(imageId: string): void {
  try {
    cache.removeImageLoadObject(imageId, { force: true });
  } catch {
    // It was not there: nothing to forget.
  }
}

function asFailure(cause: unknown): ImageFailure {
  if (cause instanceof ImageFailure) return cause;
  if (cause instanceof ApiError) return new ImageFailure(cause.code === 'SIGNED_OUT' ? 'SIGNED_OUT' : 'LOAD');
  switch (statusOf(cause)) {
    case 401:
      return new ImageFailure('SIGNED_OUT');
    case 404:
    case 410:
      return new ImageFailure('NOT_FOUND');
    // 422 is the program's own word that the pixels cannot be read.
    case 422:
    case 200:
      return new ImageFailure('DECODE');
    case undefined:
      return new ImageFailure('DECODE');
    default:
      return new ImageFailure('LOAD');
  }
}

/** The loader rejects with the request itself when the network or the program refused. */
function statusOf(cause: unknown): number | undefined {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const { status } = cause as { status?: unknown };
  return typeof status === 'number' ? status : undefined;
}
