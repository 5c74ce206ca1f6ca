/** Where files are dropped; the same by keyboard with its two buttons. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconFiles, IconFolder, IconUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './DropArea.module.css';
import { uploadFlow } from './flow';
import { filesOfDrop, filesOfInput } from './scan/drop';

export function DropArea({ label, compact = false }: { label: string; compact?: boolean }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void filesOfDrop(event.dataTransfer).then((dropped) => uploadFlow.take(dropped.files, dropped.directory));
  };
  const chosen = (input: HTMLInputElement) => {
    const list = filesOfInput(input.files);
    // The same files can be chosen again.
    input.value = '';
    void uploadFlow.take(list, null);
  };

  return (
    <section
      aria-label={label}
      className={classes.area}
      data-over={over || undefined}
      data-compact={compact || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack align="center" gap={compact ? 6 : 'sm'}>
        {!compact && <IconUpload size={36} stroke={1.3} aria-hidden />}
        <Text fw={500} ta="center" size={compact ? 'sm' : 'md'}>{label}</Text>
        {!compact && <Text size="sm" c="dimmed" ta="center">{t('upload.drop.text')}</Text>}
        <Group gap="xs" justify="center">
          <Button size={compact ? 'xs' : 'sm'} leftSection={<IconFolder size={16} />} variant={compact ? 'default' : 'filled'} onClick={() => folder.current?.click()}>
            {t('upload.drop.folder')}
          </Button>
          <Button size={compact ? 'xs' : 'sm'} leftSection={<IconFiles size={16} />} variant="default" onClick={() => files.current?.click()}>
            {t('upload.drop.files')}
          </Button>
        </Group>
      </Stack>
      <input ref={files} type="file" multiple hidden aria-label={t('upload.drop.files')} data-testid="choose-files" onChange={(event) => chosen(event.currentTarget)} />
      <input
        ref={(element) => {
          folder.current = element;
          element?.setAttribute('webkitdirectory', '');
        }}
        type="file"
        multiple
        hidden
        aria-label={t('upload.drop.folder')}
        data-testid="choose-folder"
        onChange={(event) => chosen(event.currentTarget)}
      />
    </section>
  );
}
