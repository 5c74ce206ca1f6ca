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

/** Where the screen's right and down point in the stored picture, as steps in (columns, rows). */
export interface ScreenAxes {
  right: readonly [columns: number, rows: number];
  down: readonly [columns: number, rows: number];
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

/**
 * Letters as the picture lies on screen, however it was turned and flipped.
 * Told from where the screen's axes point, so that no order of turning and flipping has to be kept in mind.
 */
export function screenEdgeLetters(letters: EdgeLetters, { right, down }: ScreenAxes): EdgeLetters | undefined {
  const onRight = letterTowards(letters, right);
  const onBottom = letterTowards(letters, down);
  if (onRight === undefined || onBottom === undefined) return undefined;
  const across = { [letters.left]: letters.right, [letters.right]: letters.left, [letters.top]: letters.bottom, [letters.bottom]: letters.top };
  return { right: onRight, left: across[onRight] ?? '', bottom: onBottom, top: across[onBottom] ?? '' };
}

/** Only quarter turns have an edge that a letter can stand for. */
function letterTowards(letters: EdgeLetters, [columns, rows]: readonly [number, number]): string | undefined {
  const size = Math.hypot(columns, rows);
  if (size === 0) return undefined;
  if (Math.abs(columns) / size > 0.98) return columns > 0 ? letters.right : letters.left;
  if (Math.abs(rows) / size > 0.98) return rows > 0 ? letters.bottom : letters.top;
  return undefined;
}
