import { useSyncExternalStore } from 'react';
import type { DisplaySnapshot, StackDisplay } from '../engine/StackDisplay';

/**
 * One fact about a display. `select` must return the same value for the same fact (a primitive, or an object
 * that the snapshot itself holds): the component is made anew only when that changes, not with every image.
 */
export function useDisplay<T>(display: StackDisplay | undefined, select: (snapshot: DisplaySnapshot) => T): T | undefined {
  return useSyncExternalStore(display?.subscribe ?? subscribeToNothing, () => (display ? select(display.getSnapshot()) : undefined));
}

function subscribeToNothing(): () => void {
  return () => undefined;
}
