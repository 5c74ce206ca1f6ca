import type { KeyboardEvent, PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './dock.module.css';

const NARROWEST = 320;
const WIDEST = 900;

/** The line between images and report; drag it, or move it with the arrow keys. */
export function Splitter({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const { t } = useTranslation();
  const set = (value: number) => onWidth(Math.min(WIDEST, Math.max(NARROWEST, Math.round(value))));
  const onPointerMove = (event: PointerEvent) => {
    if (event.buttons === 1) set(window.innerWidth - event.clientX - 3);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: 20, ArrowRight: -20 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(width + step);
  };
  return (
    // A separator that can be moved is a control (WAI-ARIA window splitter).
    // oxlint-disable-next-line no-noninteractive-element-interactions no-noninteractive-tabindex
    <div
      className={classes.splitter} role="separator" tabIndex={0} aria-orientation="vertical" aria-label={t('reporting.width')}
      aria-valuemin={NARROWEST} aria-valuemax={WIDEST} aria-valuenow={width}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)} onPointerMove={onPointerMove} onKeyDown={onKeyDown}
    />
  );
}
