import { useCallback, useEffect, useRef } from 'react';

/** A function that stays the same object while what it does follows the newest render: for props of remembered components. */
export function useStableCallback<Args extends unknown[]>(callback: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(callback);
  useEffect(() => {
    latest.current = callback;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}
