/** What goes on in the background (an upload), for the header to show on every page. */
import { useSyncExternalStore } from 'react';

export interface Activity {
  label: string;
  /** 0 to 100. */
  percent: number;
  /** It stands still and needs somebody. */
  troubled: boolean;
  /** The page it belongs to. */
  to: '/upload';
}

let current: Activity | null = null;
const listeners = new Set<() => void>();

export function showActivity(activity: Activity | null): void {
  current = activity;
  for (const listener of Array.from(listeners)) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useActivity(): Activity | null {
  return useSyncExternalStore(subscribe, () => current);
}
