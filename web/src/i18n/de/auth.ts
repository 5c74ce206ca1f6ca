import type { auth as model } from '../en/auth';
import type { Wording } from '../wording';

export const auth: Wording<typeof model> = {
  title: 'Anmelden',
  email: 'E-Mail',
  password: 'Passwort',
  signIn: 'Anmelden',
  organisation: 'Organisation',
  chooseOrganisation: 'Sie gehören mehreren Organisationen an. In welcher möchten Sie arbeiten?',
  otherAccount: 'Anderes Konto benutzen',
  waitSeconds_one: 'Versuchen Sie es in {{count}} Sekunde wieder.',
  waitSeconds_other: 'Versuchen Sie es in {{count}} Sekunden wieder.',
  required: 'Bitte ausfüllen',
  expired: {
    title: 'Ihre Sitzung ist beendet',
    text: 'Geben Sie Ihr Passwort ein, um weiterzuarbeiten. Auf dieser Seite geht nichts verloren.',
    signOut: 'Stattdessen abmelden',
    other: 'Das ist ein anderes Konto. Melden Sie sich zum Wechseln zuerst ab.',
  },
  invitation: {
    title: 'Einladung annehmen',
    text: 'Sie wurden zu {{tenant}} eingeladen, als: {{role}}.',
    name: 'Ihr Name, wie er auf Befunden steht',
    newPassword: 'Neues Passwort',
    repeat: 'Passwort wiederholen',
    tooShort: 'Mindestens 10 Zeichen',
    differs: 'Die beiden Passwörter sind verschieden',
    accept: 'Annehmen und anmelden',
    missing: 'Dieser Link ist unvollständig. Öffnen Sie ihn noch einmal aus der E-Mail.',
    toSignIn: 'Zur Anmeldung',
    passwordHint: 'Mindestens 10 Zeichen. Ein Satz merkt sich leichter als Sonderzeichen.',
    validUntil: 'Gültig bis {{at}}',
  },
};
