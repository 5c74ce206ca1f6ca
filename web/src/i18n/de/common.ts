import type { common as model } from '../en/common';
import type { Wording } from '../wording';

export const common: Wording<typeof model> = {
  cancel: 'Abbrechen',
  close: 'Schließen',
  retry: 'Erneut versuchen',
  save: 'Speichern',
  back: 'Zurück',
  loading: 'Wird geladen …',
  search: 'Suchen',
  more: 'Mehr anzeigen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  none: '–',
  optional: 'freiwillig',
  yes: 'Ja',
  no: 'Nein',
  bytesLeft: 'noch {{bytes}}',
  seconds: '{{count}} s',
  minutes: '{{count}} min',
  hours: '{{count}} h',
  days: '{{count}} T',
  now: 'jetzt',
  priority: { ROUTINE: 'Routine', URGENT: 'Dringend', ASAP: 'Baldmöglichst', STAT: 'Notfall' },
  protocolFlag: { STROKE: 'Schlaganfall', TRAUMA: 'Trauma', CRITICAL: 'Kritisch' },
  role: { OPERATOR: 'Betreiber', TENANT_ADMIN: 'Verwaltung', FACILITY_STAFF: 'Einrichtung', RADIOLOGIST: 'Radiologie' },
  sex: { M: 'männlich', F: 'weiblich', O: 'divers' },
};
