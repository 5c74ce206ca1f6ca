import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './ViewportPane.module.css';

interface StackScrollbarProps {
  count: number;
  index: number;
  /** Decoded images: drawn as the part of the track that answers at once. */
  decoded: number;
  onScrollTo: (index: number) => void;
}

/** The stack's position, to be dragged; where it is pressed it jumps. */
export function StackScrollbar({ count, index, decoded, onScrollTo }: StackScrollbarProps) {
  const { t } = useTranslation();
  const track = useRef<HTMLDivElement>(null);
  if (count < 2) return null;

  const scrollToPointer = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (!box || box.height === 0) return;
    const share = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
    onScrollTo(Math.round(share * (count - 1)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onScrollTo(Math.min(count - 1, Math.max(0, index + step)));
  };
  return (
    <div
      ref={track}
      className={classes.scrollbar}
      role="slider"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('viewer.scrollbar')}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        scrollToPointer(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) scrollToPointer(event);
      }}
    >
      <div className={classes.scrollbarDecoded} style={{ height: `${(decoded / count) * 100}%` }} />
      <div className={classes.scrollbarThumb} style={{ top: `${(index / (count - 1)) * 100}%` }} />
    </div>
  );
}
