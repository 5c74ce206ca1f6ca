import { vi } from 'vitest';

/** Waits until `check` passes. Generous: a busy machine is slow, not wrong. */
export function eventually<T>(check: () => T): Promise<T> {
  return vi.waitFor(check, { timeout: 15_000, interval: 20 }) as Promise<T>;
}
