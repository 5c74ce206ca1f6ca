/**
 * Starts the drawing library once, with our credentials on every frame it fetches.
 *
 * **Invariant:** only modules below `engine/` know the drawing library; the rest of the portal
 * reaches it through one lazily loaded chunk.
 */
import { RenderingEngine, cache, init as initCore, setUseCPURendering } from '@cornerstonejs/core';
import { init as initLoader } from '@cornerstonejs/dicom-image-loader';
import { init as initTools } from '@cornerstonejs/tools';
import { session } from '@/api/session';

/** Decoded pixels kept at most; a slice that was dropped is fetched again. */
const CACHE_BYTES = 1024 ** 3;

export const RENDERING_ENGINE_ID = 'reading';

let started: Promise<RenderingEngine> | undefined;

export function startCornerstone(): Promise<RenderingEngine> {
  started ??= start();
  return started;
}

async function start(): Promise<RenderingEngine> {
  initCore();
  if (!hasWebGl()) setUseCPURendering(true);
  cache.setMaxCacheSize(CACHE_BYTES);
  initLoader({ maxWebWorkers: workerCount(), beforeSend: authorisation });
  initTools();
  return new RenderingEngine(RENDERING_ENGINE_ID);
}

/** One core stays with the page itself. */
function workerCount(): number {
  return Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));
}

function hasWebGl(): boolean {
  const canvas = document.createElement('canvas');
  return canvas.getContext('webgl2') !== null;
}

/** Token that a frame request went out with, so that a refusal of it can be answered with another one. */
const sentTokens = new Map<string, string>();

export function sentToken(imageId: string): string | undefined {
  return sentTokens.get(imageId);
}

// The loader never settles a request whose hook throws, so this one sends the request unauthorised instead
// and lets the refusal come back as an error.
async function authorisation(_request: XMLHttpRequest, imageId: string): Promise<Record<string, string>> {
  try {
    const token = await session.accessToken();
    sentTokens.set(imageId, token);
    return { Authorization: `Bearer ${token}` };
  } catch {
    return {};
  }
}
