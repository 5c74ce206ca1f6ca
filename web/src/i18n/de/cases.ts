import type { cases as model } from '../en/cases';
import type { Wording } from '../wording';

export const cases: Wording<typeof model> = {};
