import type { upload as model } from '../en/upload';
import type { Wording } from '../wording';

export const upload: Wording<typeof model> = {};
