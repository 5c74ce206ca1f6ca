/** Files that will not be sent, and why; folded away until somebody wants to know. */
import { Button, Collapse, Group, Paper, ScrollArea, Table, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconFileOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatNumber } from '@/ui/format';
import type { SetAsideFile } from '../scan/scanner';

/** A whole disk may have been dropped; nobody reads further than this, and the receipt has them all. */
const SHOWN = 500;

export function SetAsideList({ files, initiallyOpen = false }: { files: readonly SetAsideFile[]; initiallyOpen?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(initiallyOpen);
  if (files.length === 0) return null;
  return (
    <Paper withBorder p="xs" component="section" aria-label={t('upload.setAside.title', { count: files.length })}>
      <Group gap="xs">
        <IconFileOff size={18} aria-hidden />
        <Text size="sm" flex={1}>{t('upload.setAside.title', { count: files.length, shown: formatNumber(files.length) })}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          aria-expanded={open}
          rightSection={open ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
          onClick={() => setOpen(!open)}
        >
          {open ? t('upload.setAside.hide') : t('upload.setAside.show')}
        </Button>
      </Group>
      <Collapse expanded={open}>
        <ScrollArea.Autosize mah={280} type="auto" mt="xs">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('upload.setAside.file')}</Table.Th>
                <Table.Th>{t('upload.setAside.reason')}</Table.Th>
                <Table.Th ta="right">{t('upload.review.size')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {files.slice(0, SHOWN).map((file, index) => (
                <Table.Tr key={`${index} ${file.name}`}>
                  <Table.Td style={{ wordBreak: 'break-all' }}>{file.name}</Table.Td>
                  <Table.Td>{t(`upload.reason.${file.reason}`)}</Table.Td>
                  <Table.Td ta="right">{formatBytes(file.bytes)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      </Collapse>
    </Paper>
  );
}
