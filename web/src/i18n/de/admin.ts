import type { admin as model } from '../en/admin';
import type { Wording } from '../wording';

export const admin: Wording<typeof model> = {};
