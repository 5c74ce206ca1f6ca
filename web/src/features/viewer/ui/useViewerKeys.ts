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
      press(key);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
