import { Group, Text, Textarea } from '@mantine/core';
import { type FocusEvent, type KeyboardEvent, type Ref, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { placeholderFrom, placeholders, type Section } from '../model/gaps';
import classes from './dock.module.css';

interface SectionEditorProps {
  section: Section;
  disabled: boolean;
  inputRef?: Ref<HTMLTextAreaElement> | undefined;
  onChange: (text: string) => void;
}

/** One section. Tab goes to the next placeholder in it, and from the last one to the next section. */
export function SectionEditor({ section, disabled, inputRef, onChange }: SectionEditorProps) {
  const { t } = useTranslation();
  const open = placeholders(section.text);
  const missing = section.required && section.text.trim() === '';
  /** A click puts the caret where it was made; only the keyboard selects the first placeholder. */
  const pointer = useRef(false);

  const onFocus = (event: FocusEvent<HTMLTextAreaElement>) => {
    const box = event.currentTarget;
    const first = placeholderFrom(box.value, 0, 1);
    if (!pointer.current && first !== undefined) box.setSelectionRange(first.start, first.end);
    pointer.current = false;
  };
  const note = missing ? t('reporting.required') : open.length > 0 ? t('reporting.placeholders', { count: open.length }) : undefined;
  return (
    <Textarea
      ref={inputRef}
      label={
        <Group component="span" gap={8} justify="space-between" wrap="nowrap">
          <span>{section.title}</span>
          {note && <Text component="span" size="xs" className={classes.note}>▲ {note}</Text>}
        </Group>
      }
      labelProps={{ className: classes.label }}
      value={section.text}
      onChange={(event) => onChange(event.currentTarget.value)}
      onPointerDown={() => { pointer.current = true; }}
      onFocus={onFocus}
      onKeyDown={onKeyDown}
      disabled={disabled}
      autosize
      minRows={section.key === 'findings' ? 6 : 2}
      maxRows={30}
      spellCheck
      required={section.required}
      withAsterisk={false}
      data-section={section.key}
      data-gap={note !== undefined}
      classNames={{ input: classes.input }}
    />
  );
}

/** Tab moves between placeholders, Esc leaves the text for the images' keys. */
function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
  const box = event.currentTarget;
  if (event.key === 'Escape') {
    box.blur();
    return;
  }
  if (event.key !== 'Tab' || event.ctrlKey || event.altKey || event.metaKey) return;
  const next = event.shiftKey
    ? placeholderFrom(box.value, box.selectionStart, -1)
    : placeholderFrom(box.value, box.selectionEnd, 1);
  if (next === undefined) return;
  event.preventDefault();
  box.setSelectionRange(next.start, next.end);
}
