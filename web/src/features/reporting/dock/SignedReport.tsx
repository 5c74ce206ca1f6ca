/** The report as it was signed: every version, what proves it, and what may still follow. */
import { Alert, Anchor, Badge, Button, Collapse, CopyButton, Divider, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconFileTypePdf, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { authorisedBlob } from '@/api/authorised';
import type { VersionFieldsFragment } from '@/gql/graphql';
import { formatDateTime } from '@/ui/format';
import { notifyFailed } from '@/ui/notify';
import { AddendumEditor } from './AddendumEditor';
import classes from './dock.module.css';

interface SignedReportProps {
  versions: readonly VersionFieldsFragment[];
  lateImages: boolean;
  keyImages: React.ReactNode;
  /** What keeps an addendum that is being written, by case and user. */
  caseId: string;
  userId: string;
  /** Absent while the report is preliminary, or the caller may not. */
  onAddendum?: ((text: string, password: string) => Promise<void>) | undefined;
  onAcknowledgeLateImages?: (() => void) | undefined;
  onNextCase: () => void;
}

export function SignedReport(props: SignedReportProps) {
  const { t } = useTranslation();
  const newestFirst = props.versions.toSorted((a, b) => b.number - a.number);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const latest = newestFirst[0];
  const isOpen = (id: string) => id === latest?.id || opened.has(id);
  return (
    <>
      <div className={classes.scroll}>
        <Stack gap="md">
          {props.lateImages && (
            <Alert color="orange" variant="light" role="alert" title={t('reporting.late.title')}>
              <Text size="sm" mb="xs">{t('reporting.late.text')}</Text>
              {props.onAcknowledgeLateImages && (
                <Button size="compact-sm" variant="default" onClick={props.onAcknowledgeLateImages}>{t('reporting.late.acknowledge')}</Button>
              )}
            </Alert>
          )}
          {newestFirst.map((version) => (
            <section key={version.id} aria-label={t('reporting.version', { number: version.number })} data-testid="signed-version">
              <UnstyledButton
                w="100%" aria-expanded={isOpen(version.id)} disabled={version.id === latest?.id}
                onClick={() => setOpened((before) => toggled(before, version.id))}
              >
                <Group justify="space-between" wrap="nowrap">
                  <Group gap={8} wrap="nowrap">
                    <IconShieldCheck size={18} color="var(--mantine-color-green-3)" aria-hidden />
                    <Text fw={600} size="sm">{t(`reporting.kind.${version.kind}`)}</Text>
                    <Badge color="gray">{t('reporting.version', { number: version.number })}</Badge>
                  </Group>
                </Group>
                <Text size="xs" c="dimmed">{t('reporting.signedBy', { name: version.signedBy, at: formatDateTime(version.signedAt) })}</Text>
              </UnstyledButton>
              <Collapse expanded={isOpen(version.id)}>
                <Stack gap="xs" mt="xs">
                  {version.sections.filter((section) => section.text.trim() !== '').map((section) => (
                    <div key={section.key}>
                      <Text size="xs" fw={600} c="dark.1">{section.title}</Text>
                      <div className={classes.versionText}>{section.text}</div>
                    </div>
                  ))}
                  <Group gap="sm" align="start" wrap="nowrap">
                    <Text c="dimmed" className={classes.hash} data-testid="sha256">SHA-256 {version.sha256}</Text>
                    <CopyButton value={version.sha256}>
                      {({ copied, copy }) => <Button size="compact-xs" variant="subtle" flex="none" onClick={copy}>{t(copied ? 'common.copied' : 'common.copy')}</Button>}
                    </CopyButton>
                  </Group>
                  {version.pdfUrl ? (
                    <Anchor component="button" type="button" size="sm" ta="left" onClick={() => void openPdf(version.pdfUrl ?? '')}>
                      <Group gap={6}><IconFileTypePdf size={16} aria-hidden />{t('reporting.pdf')}</Group>
                    </Anchor>
                  ) : (
                    <Text size="xs" c="dimmed">{t('reporting.pdfPending')}</Text>
                  )}
                </Stack>
              </Collapse>
              <Divider mt="md" />
            </section>
          ))}
          {props.keyImages}
          {props.onAddendum && <AddendumEditor caseId={props.caseId} userId={props.userId} onAdd={props.onAddendum} />}
        </Stack>
      </div>
      <div className={classes.bar} data-place="bottom">
        <div style={{ flex: 1 }} />
        <Button size="sm" rightSection={<IconArrowRight size={16} aria-hidden />} onClick={props.onNextCase}>{t('reporting.nextCase')}</Button>
      </div>
    </>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The PDF needs the token, so it is fetched here and opened as a local copy. */
async function openPdf(address: string): Promise<void> {
  try {
    const url = URL.createObjectURL(await authorisedBlob(address));
    const link = document.createElement('a');
    link.href = url;
    link.target = '_blank';
    link.rel = 'noopener';
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (cause) {
    notifyFailed(cause);
  }
}
