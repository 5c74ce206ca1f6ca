/** The viewer's keys: the one table that the keyboard and the help sheet are made from. */

export type ViewerCommand =
  | 'nextImage' | 'previousImage' | 'nextTen' | 'previousTen' | 'firstImage' | 'lastImage'
  | 'nextSeries' | 'previousSeries'
  | 'toolWindow' | 'toolPan' | 'toolZoom' | 'toolLength' | 'toolAngle' | 'toolRectangle' | 'toolEllipse' | 'toolProbe'
  | 'invert' | 'rotate' | 'flipHorizontal' | 'flipVertical' | 'zoomIn' | 'zoomOut' | 'reset'
  | 'cine' | 'keyImage' | 'removeMark' | 'overlay' | 'layout1' | 'layout2' | 'layout4' | 'nextPane' | 'help';

export interface ViewerKey {
  /** As `KeyboardEvent.key` has it; letters in lower case. */
  key: string;
  shift?: boolean;
  /** How the help sheet writes it. */
  label: string;
  command: ViewerCommand;
  group: 'scroll' | 'tools' | 'display' | 'more';
}

export const VIEWER_KEYS: readonly ViewerKey[] = [
  { key: 'ArrowDown', label: '↓', command: 'nextImage', group: 'scroll' },
  { key: 'ArrowUp', label: '↑', command: 'previousImage', group: 'scroll' },
  { key: 'PageDown', label: 'PgDn', command: 'nextTen', group: 'scroll' },
  { key: 'PageUp', label: 'PgUp', command: 'previousTen', group: 'scroll' },
  { key: 'Home', label: 'Home', command: 'firstImage', group: 'scroll' },
  { key: 'End', label: 'End', command: 'lastImage', group: 'scroll' },
  { key: 'ArrowRight', label: '→', command: 'nextSeries', group: 'scroll' },
  { key: 'ArrowLeft', label: '←', command: 'previousSeries', group: 'scroll' },
  { key: ' ', label: 'Space', command: 'cine', group: 'scroll' },
  { key: 'w', label: 'W', command: 'toolWindow', group: 'tools' },
  { key: 'p', label: 'P', command: 'toolPan', group: 'tools' },
  { key: 'z', label: 'Z', command: 'toolZoom', group: 'tools' },
  { key: 'l', label: 'L', command: 'toolLength', group: 'tools' },
  { key: 'a', label: 'A', command: 'toolAngle', group: 'tools' },
  { key: 'r', label: 'R', command: 'toolRectangle', group: 'tools' },
  { key: 'e', label: 'E', command: 'toolEllipse', group: 'tools' },
  { key: 'd', label: 'D', command: 'toolProbe', group: 'tools' },
  { key: 'Delete', label: 'Del', command: 'removeMark', group: 'tools' },
  { key: 'i', label: 'I', command: 'invert', group: 'display' },
  { key: 't', label: 'T', command: 'rotate', group: 'display' },
  { key: 'h', label: 'H', command: 'flipHorizontal', group: 'display' },
  { key: 'v', label: 'V', command: 'flipVertical', group: 'display' },
  { key: '+', label: '+', command: 'zoomIn', group: 'display' },
  { key: '-', label: '−', command: 'zoomOut', group: 'display' },
  { key: '0', label: '0', command: 'reset', group: 'display' },
  { key: 'k', label: 'K', command: 'keyImage', group: 'more' },
  { key: 'o', label: 'O', command: 'overlay', group: 'more' },
  { key: 'F2', label: 'F2', command: 'layout1', group: 'more' },
  { key: 'F3', label: 'F3', command: 'layout2', group: 'more' },
  { key: 'F4', label: 'F4', command: 'layout4', group: 'more' },
  { key: 'n', label: 'N', command: 'nextPane', group: 'more' },
  { key: '?', label: '?', command: 'help', group: 'more' },
];

/** Where keys are words, not commands. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Keys of a control that has the focus (Space on a button, arrows in a menu) belong to it. */
function isOperating(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"],[role="menu"],[role="listbox"]')) return true;
  if (key.startsWith('Arrow') && target.closest('[role="separator"],[role="slider"]')) return true;
  return (key === ' ' || key === 'Enter') && target.closest('button,a,[role="button"]') !== null;
}

/** The command of a key press, or the digit of a window preset. */
export function commandOf(event: KeyboardEvent): ViewerCommand | number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
  if (isTyping(event.target) || isOperating(event.target, event.key)) return undefined;
  if (/^[1-9]$/.test(event.key)) return Number(event.key);
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return VIEWER_KEYS.find((known) => known.key === key)?.command;
}
