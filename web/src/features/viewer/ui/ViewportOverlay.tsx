import { IconBookmarkFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DisplaySnapshot } from '../engine/StackDisplay';
import { frameDataset } from '../model/dicomJson';
import type { StackImage } from '../model/imageStack';
import { screenEdgeLetters, storedEdgeLetters } from '../model/orientation';
import { overlayCorners } from '../model/overlayText';
import classes from './ViewportPane.module.css';

interface ViewportOverlayProps {
  display: DisplaySnapshot;
  image: StackImage;
  index: number;
  isKeyImage: boolean;
}

/** Words over the picture. They always speak of the image on screen. */
export function ViewportOverlay({ display, image, index, isKeyImage }: ViewportOverlayProps) {
  const { t } = useTranslation();
  if (display.stack === undefined) return null;
  const corners = overlayCorners(
    display.stack,
    image,
    { index, window: display.window, zoom: display.zoom, transferSyntaxUid: display.transferSyntaxUid },
    t,
  );
  const stored = storedEdgeLetters(frameDataset(image.dataset, image.frame));
  const letters = stored && screenEdgeLetters(stored, display.axes);
  return (
    <div className={classes.overlay} data-testid="overlay">
      <Corner className={classes.topLeft} lines={corners.topLeft} />
      <div className={`${classes.corner} ${classes.topRight}`}>
        {corners.topRight.map((line) => <div key={line}>{line}</div>)}
        {isKeyImage && (
          <div className={classes.keyMark}><IconBookmarkFilled size={12} aria-hidden /> {t('viewer.keyImage.marked')}</div>
        )}
      </div>
      <Corner className={classes.bottomLeft} lines={corners.bottomLeft} />
      <div className={`${classes.corner} ${classes.bottomRight}`}>
        {corners.lossy && <div className={classes.lossy}>▲ {corners.lossy}</div>}
        {corners.bottomRight.map((line) => <div key={line}>{line}</div>)}
      </div>
      {letters && (
        <>
          <span className={`${classes.letter} ${classes.letterLeft}`}>{letters.left}</span>
          <span className={`${classes.letter} ${classes.letterRight}`}>{letters.right}</span>
          <span className={`${classes.letter} ${classes.letterTop}`}>{letters.top}</span>
          <span className={`${classes.letter} ${classes.letterBottom}`}>{letters.bottom}</span>
        </>
      )}
    </div>
  );
}

function Corner({ className, lines }: { className: string | undefined; lines: string[] }) {
  return <div className={`${classes.corner} ${className}`}>{lines.map((line) => <div key={line}>{line}</div>)}</div>;
}
