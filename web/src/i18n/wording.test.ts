import { describe, expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';

function sentences(words: object, path = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) => (typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : sentences(value as object, `${path}${key}.`)));
}

const blanks = (sentence: string) => (sentence.match(/\{\{\w+\}\}/g) ?? []).sort().join();

describe('the wording', () => {
  const german = new Map(sentences(de));

  it('has the same blanks to fill in in both languages', () => {
    const different = sentences(en).filter(([key, sentence]) => blanks(sentence) !== blanks(german.get(key) ?? ''));
    expect(different).toEqual([]);
  });

  it('has no key in one language only', () => {
    expect([...german.keys()].sort()).toEqual(sentences(en).map(([key]) => key).sort());
  });

  it('leaves no sentence of an error untranslated', () => {
    const same = sentences(en).filter(([key, sentence]) => key.startsWith('error.') && german.get(key) === sentence);
    expect(same).toEqual([]);
  });
});
