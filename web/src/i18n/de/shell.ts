import type { shell as model } from '../en/shell';
import type { Wording } from '../wording';

export const shell: Wording<typeof model> = {
  skipToContent: 'Zum Inhalt springen',
  navigation: 'Hauptnavigation',
  menu: 'Menü',
  worklist: 'Arbeitsliste',
  cases: 'Fälle',
  upload: 'Senden',
  admin: 'Verwaltung',
  platform: 'Plattform',
  account: 'Konto von {{name}}',
  language: 'Sprache',
  signOut: 'Abmelden',
  live: { CONNECTING: 'Verbindet …', LIVE: 'Live', LOST: 'Nicht live – verbindet neu' },
  liveHint: {
    CONNECTING: 'Die Live-Verbindung wird aufgebaut.',
    LIVE: 'Änderungen erscheinen von selbst.',
    LOST: 'Änderungen erscheinen erst wieder von selbst, wenn die Verbindung steht.',
  },
  offline: 'Keine Verbindung. Die Anzeige kann veraltet sein; was Sie eingeben, bleibt erhalten.',
  unreachable: { title: 'Das Programm ist nicht erreichbar', text: 'Prüfen Sie das Netz. Diese Seite versucht es von selbst wieder.' },
  crashed: { title: 'Diese Seite ist gescheitert', text: 'Gespeichertes ist nicht verloren. Versuchen Sie es erneut oder gehen Sie zur Startseite.', home: 'Startseite' },
  notFound: { title: 'Diese Seite gibt es nicht', text: 'Vielleicht ist die Adresse vertippt, oder die Seite gehört zu einer anderen Rolle.' },
  failed: 'Das konnte nicht geladen werden',
};
