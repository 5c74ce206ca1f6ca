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

const TO_FILL_IN = /\[\[([^\n]{0,200}?)\]\]|\[[ _]*\]/g;

/**
 * What a template left to fill in: `[[side and region]]`, and blanks such as `[__]`. Single brackets around words or
 * numbers are prose: `[sic]`, `[1.2 cm]`, `[3]`.
 */
export function placeholders(text: string): Placeholder[] {
  return [...text.matchAll(TO_FILL_IN)].map((match) => ({ start: match.index, end: match.index + match[0].length, text: match[0] }));
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
