/** Which characters a report may hold, by the same rules as the program's: it refuses to keep others. */

/**
 * What does nothing on paper, is never seen, or shows a text in another order than it has: controls, embeddings,
 * overrides and isolates, tags, noncharacters. They come with pasted text, and nobody typed them on purpose.
 */
const UNFIT =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Noncharacter_Code_Point}]/gu;

/** Line ends of every kind; a vertical tab and a form feed are such, too. */
const LINE_ENDS = /\r\n|[\r\u000b\u000c\u0085\u2028\u2029]/g;

/** `text` as it can be kept: what cannot be seen is left out. */
export function keepable(text: string): string {
  return text.replace(LINE_ENDS, '\n').replace(UNFIT, '');
}
