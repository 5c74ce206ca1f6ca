/** Templates: where a report begins, and how it changes to another without losing a word. */
import type { Section } from './gaps';

export interface Template {
  id: string;
  name: string;
  sections: readonly Section[];
}

/**
 * The sections after a change of template, by the program's own rule: text that somebody wrote is carried
 * over, into the section of the same key or behind the others; untouched template text is not.
 */
export function changedTemplate(sections: readonly Section[], previous: Template | undefined, next: Template): Section[] {
  const written = sections.filter((section) => {
    const untouched = previous?.sections.some((of) => of.key === section.key && of.text === section.text) ?? false;
    return !untouched && section.text.trim() !== '';
  });
  const changed = next.sections.map((section) => {
    const same = written.find((of) => of.key === section.key);
    return same ? { ...section, text: same.text } : { ...section };
  });
  const behind = written.filter((section) => !next.sections.some((of) => of.key === section.key));
  return [...changed, ...behind.map((section) => ({ ...section, required: false }))];
}

export function sameTexts(a: readonly Section[], b: readonly Section[]): boolean {
  return a.length === b.length && a.every((section, index) => section.key === b[index]?.key && section.text === b[index]?.text);
}
