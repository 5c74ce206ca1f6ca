import type { reporting as model } from '../en/reporting';
import type { Wording } from '../wording';

export const reporting: Wording<typeof model> = {
  keys: { title: 'Befund', next: 'Nächstes Feld', save: 'Speichern', sign: 'Signieren', leave: 'Text verlassen' },
};
