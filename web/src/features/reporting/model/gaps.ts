/** What is still missing in a report, by the same rules as the program's: it refuses to sign what has gaps. */

export interface Section {
  key: string;
  title: string;
  text: string;
  required: boolean;
}

export type Gap = { key: string; title: string; kind: 'MISSING' } | { key: string; title: string; kind: 'PLACEHOLDER'; placeholder: string };

export interface Placeholder {
  start: number;
  end: number;
  text: string;
}

const BRACKET = /\[([^[\]\n]{0,120})\]/g;

/**
 * The brackets a template left to fill in. Readers write brackets too: `[3]` and `[12/4]` refer to images,
 * so a placeholder has a letter, an underscore or an ellipsis in it, or nothing at all.
 */
export function placeholders(text: string): Placeholder[] {
  return [...text.matchAll(BRACKET)]
    .filter(([, inside = '']) => inside.trim() === '' || /[\p{Alphabetic}_…]/u.test(inside))
    .map((match) => ({ start: match.index, end: match.index + match[0].length, text: match[0] }));
}

export function gaps(sections: readonly Section[]): Gap[] {
  return sections.flatMap((section): Gap[] => {
    const { key, title } = section;
    if (section.required && section.text.trim() === '') return [{ key, title, kind: 'MISSING' }];
    return placeholders(section.text).map(({ text }) => ({ key, title, kind: 'PLACEHOLDER', placeholder: text }));
  });
}

/** The placeholder to go to from a caret: the next one in the direction, if there is one left. */
export function placeholderFrom(text: string, caret: number, direction: 1 | -1): Placeholder | undefined {
  const all = placeholders(text);
  return direction === 1 ? all.find(({ start }) => start >= caret) : all.findLast(({ end }) => end < caret);
}
