import { useEffect, useEffectEvent } from 'react';

export type WorklistCommand = 'next' | 'previous' | 'first' | 'last' | 'open' | 'claim' | 'release' | 'filter' | 'help';

export const WORKLIST_KEYS: ReadonlyArray<{ keys: readonly string[]; label: string; command: WorklistCommand }> = [
  { keys: ['j', 'ArrowDown'], label: 'J  ↓', command: 'next' },
  { keys: ['k', 'ArrowUp'], label: 'K  ↑', command: 'previous' },
  { keys: ['Home'], label: 'Home', command: 'first' },
  { keys: ['End'], label: 'End', command: 'last' },
  { keys: ['Enter'], label: '↵', command: 'open' },
  { keys: ['c'], label: 'C', command: 'claim' },
  { keys: ['u'], label: 'U', command: 'release' },
  { keys: ['/'], label: '/', command: 'filter' },
  { keys: ['?'], label: '?', command: 'help' },
];

/** The worklist's keys, wherever the focus is except in a text box, a dialog or a menu. */
export function useWorklistKeys(onCommand: (command: WorklistCommand) => void): void {
  const run = useEffectEvent(onCommand);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (target?.closest('input,textarea,select,[contenteditable],[role="dialog"],[role="menu"]')) return;
      // Enter on a link or button is that control's own.
      if (event.key === 'Enter' && target?.closest('a,button')) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const known = WORKLIST_KEYS.find(({ keys }) => keys.includes(key));
      if (known === undefined) return;
      event.preventDefault();
      run(known.command);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
