/** Words of the portal. English is the model; German must have every key English has, or it does not compile. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { de } from './de';
import { en } from './en';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** The browser's language, until the person chooses one for this visit. */
function preferred(): Language {
  return navigator.languages.some((tag) => tag.startsWith('de') && !navigator.languages[0]?.startsWith('en')) ? 'de' : 'en';
}

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, de: { translation: de } },
  lng: preferred(),
  fallbackLng: 'en',
  interpolation: { escapeValue: false },
  returnNull: false,
});
document.documentElement.lang = i18next.language;
i18next.on('languageChanged', (language) => {
  document.documentElement.lang = language;
});

export { i18next };
