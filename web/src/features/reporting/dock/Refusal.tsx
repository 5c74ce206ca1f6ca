import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { messageOf } from '@/api/errors';
import { ApiError } from '@/api/request';

interface RefusalProps {
  cause: unknown;
  /** To name sections as the reader knows them. */
  sections: ReadonlyArray<{ key: string; title: string }>;
}

/** Why a signature was refused, section by section where the program says so. */
export function Refusal({ cause, sections }: RefusalProps) {
  const { t } = useTranslation();
  const extensions = cause instanceof ApiError ? cause.extensions : undefined;
  const characters = Array.isArray(extensions?.characters) ? extensions.characters.filter((each) => typeof each === 'string') : [];
  const fields = typeof extensions?.fields === 'object' && extensions.fields !== null && !Array.isArray(extensions.fields)
    ? Object.entries(extensions.fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    : [];
  const titleOf = (key: string) =>
    sections.find((section) => section.key === key)?.title ?? (key === 'keyImages' ? t('reporting.sign.keyImageNotes') : key);
  return (
    <Alert color="red" variant="light" role="alert">
      {messageOf(cause)}
      {characters.length > 0 && ` ${t('reporting.sign.characters', { characters: characters.map(shown).join(', ') })}`}
      {sections.length > 0 && fields.length > 0 && (
        <List size="sm" mt={4}>
          {fields.map(([key, words]) => <List.Item key={key}>{characters.length > 0 ? titleOf(key) : words}</List.Item>)}
        </List>
      )}
    </Alert>
  );
}

/** `U+1F9BB` with the character itself, which the screen may well have a font for. */
function shown(codePoint: string): string {
  const value = Number.parseInt(codePoint.slice(2), 16);
  return Number.isInteger(value) && value > 0 && value <= 0x10_ffff ? `${String.fromCodePoint(value)} (${codePoint})` : codePoint;
}
