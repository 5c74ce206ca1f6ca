/**
 * The letters at the edges of a picture: which way the patient lies (PS3.3 §C.7.6.1.1.1).
 *
 * **Invariant:** no letter is shown unless the file states the orientation.
 */
import { type DicomDataset, TAG, numbers, text } from './dicomJson';

export interface EdgeLetters {
  left: string;
  right: string;
  top: string;
  bottom: string;
}

export interface DisplayTurn {
  /** Clockwise, degrees. */
  rotation: number;
  flipHorizontal: boolean;
  flipVertical: boolean;
}

const OPPOSITE: Record<string, string> = { L: 'R', R: 'L', A: 'P', P: 'A', H: 'F', F: 'H' };

/** Letters of a direction in patient space (+x left, +y posterior, +z head), strongest first, at most two. */
export function directionLetters([x, y, z]: readonly [number, number, number]): string {
  const axes: Array<[number, string]> = [
    [Math.abs(x), x > 0 ? 'L' : 'R'],
    [Math.abs(y), y > 0 ? 'P' : 'A'],
    [Math.abs(z), z > 0 ? 'H' : 'F'],
  ];
  return axes
    .filter(([size]) => size > 0.25)
    .sort(([a], [b]) => b - a)
    .slice(0, 2)
    .map(([, letter]) => letter)
    .join('');
}

export function opposite(letters: string): string {
  return [...letters].map((letter) => OPPOSITE[letter] ?? letter).join('');
}

/** Letters of the picture as stored, before it is turned on screen. */
export function storedEdgeLetters(dataset: DicomDataset): EdgeLetters | undefined {
  const cosines = numbers(dataset, TAG.imageOrientation);
  if (cosines?.length === 6) {
    const [rx, ry, rz, cx, cy, cz] = cosines as [number, number, number, number, number, number];
    return around(directionLetters([rx, ry, rz]), directionLetters([cx, cy, cz]));
  }
  // Projection radiographs say it in words: row direction, column direction (0020,0020).
  const row = text(dataset, TAG.patientOrientation, 0);
  const column = text(dataset, TAG.patientOrientation, 1);
  if (row && column && /^[LRAPHF]+$/.test(row + column)) return around(row, column);
  return undefined;
}

function around(right: string, bottom: string): EdgeLetters | undefined {
  if (!right || !bottom) return undefined;
  return { right, left: opposite(right), bottom, top: opposite(bottom) };
}

/** Letters after flips (applied first, as on the stored picture) and a turn by quarters. */
export function turnedEdgeLetters(letters: EdgeLetters, turn: DisplayTurn): EdgeLetters | undefined {
  let { left, right, top, bottom } = letters;
  if (turn.flipHorizontal) [left, right] = [right, left];
  if (turn.flipVertical) [top, bottom] = [bottom, top];
  const quarters = (((turn.rotation % 360) + 360) % 360) / 90;
  if (!Number.isInteger(quarters)) return undefined;
  for (let turned = 0; turned < quarters; turned += 1) {
    [top, right, bottom, left] = [left, top, right, bottom];
  }
  return { left, right, top, bottom };
}
