import { useEffect, useEffectEvent } from 'react';
import { type ViewerCommand, commandOf } from './viewerKeys';

/** Hears the viewer's keys wherever the focus is, except where somebody types. */
export function useViewerKeys(onKey: (key: ViewerCommand | number) => void): void {
  const press = useEffectEvent(onKey);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const key = commandOf(event);
      if (key === undefined) return;
      event.preventDefault();
      // The drawing library has keys of its own for a focused viewport, undo among them.
      event.stopPropagation();
      press(key);
    };
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, []);
}
