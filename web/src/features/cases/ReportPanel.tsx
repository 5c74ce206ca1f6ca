/**
 * The signed report. For the facility it opens on demand: opening it is the acknowledgement that somebody has it.
 */
import { Badge, Button, Card, Divider, Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconFileText, IconFileTypePdf, IconMailOpened } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation } from 'urql';
import { authorisedBlob } from '@/api/authorised';
import { dataOf } from '@/api/graphql';
import { useSession } from '@/api/useLive';
import { formatDateTime } from '@/ui/format';
import { saveAs } from '@/ui/saveAs';
import { EmptyState } from '@/ui/State';
import { useAction } from '@/ui/useAction';
import { ACKNOWLEDGE_REPORT, type CaseDetail } from './cases.queries';

type Version = NonNullable<CaseDetail['report']>['versions'][number];

export function ReportPanel({ detail, onChanged }: { detail: CaseDetail; onChanged: () => void }) {
  const { t } = useTranslation();
  const { role } = useSession();
  const [opened, setOpened] = useState(false);
  const [, acknowledge] = useMutation(ACKNOWLEDGE_REPORT);
  const unread = role === 'FACILITY_STAFF' && detail.deliveries.some((delivery) => delivery.state === 'DELIVERED' || delivery.state === 'SENT');
  const confirmRead = useCallback(async () => {
    if (!unread) return;
    dataOf(await acknowledge({ input: { caseId: detail.id } }));
    onChanged();
  }, [acknowledge, detail.id, onChanged, unread]);
  const [confirm] = useAction(confirmRead);
  const open = () => {
    setOpened(true);
    void confirm();
  };

  const { report } = detail;
  if (report === null || report === undefined) {
    return (
      <Card component="section" aria-label={t('cases.report')}>
        <EmptyState icon={<IconFileText size={32} />} title={t('cases.noReport')}>{t('cases.noReportText')}</EmptyState>
      </Card>
    );
  }
  const versions = [...report.versions].sort((a, b) => b.number - a.number);
  return (
    <Card component="section" aria-label={t('cases.report')}>
      <Stack gap="md">
        <Group justify="space-between">
          <Group gap="xs">
            <Text fw={600}>{t('cases.report')}</Text>
            <Badge color="green">{t(`cases.reportState.${report.state}`)}</Badge>
          </Group>
          {unread && !opened && (
            <Button size="xs" leftSection={<IconMailOpened size={16} />} onClick={open}>{t('cases.openReport')}</Button>
          )}
        </Group>
        {unread && !opened ? (
          <Text size="sm" c="dimmed">{t('cases.openReportText')}</Text>
        ) : (
          versions.map((version, index) => (
            <Stack key={version.id} gap="sm">
              {index > 0 && <Divider />}
              <VersionView caseId={detail.id} version={version} />
            </Stack>
          ))
        )}
      </Stack>
    </Card>
  );
}

function VersionView({ caseId, version }: { caseId: string; version: Version }) {
  const { t } = useTranslation();
  const { pdfUrl } = version;
  const [download, busy] = useAction(async () => {
    if (pdfUrl === null || pdfUrl === undefined) return;
    const path = new URL(pdfUrl, window.location.origin).pathname;
    saveAs(await authorisedBlob(path), `${caseId}-${version.number}.pdf`);
  });
  return (
    <article aria-label={t('cases.version', { number: version.number })}>
      <Group justify="space-between" align="flex-start" mb="xs">
        <div>
          <Text size="sm" fw={500}>{t(`cases.versionKind.${version.kind}`)} · {t('cases.version', { number: version.number })}</Text>
          <Text size="xs" c="dimmed">{t('cases.signed', { by: version.signedBy, at: formatDateTime(version.signedAt) })}</Text>
          <Tooltip label={version.sha256} multiline maw={420}>
            <Text size="xs" c="dimmed" ff="monospace" tabIndex={0}>SHA-256 {version.sha256.slice(0, 16)}…</Text>
          </Tooltip>
        </div>
        <Button size="xs" variant="default" loading={busy} disabled={pdfUrl === null || pdfUrl === undefined} leftSection={<IconFileTypePdf size={16} />} onClick={() => void download()}>
          {pdfUrl === null || pdfUrl === undefined ? t('cases.pdfPending') : t('cases.pdf')}
        </Button>
      </Group>
      <Stack gap="sm">
        {version.sections.filter((section) => section.text.trim() !== '').map((section) => (
          <div key={section.key}>
            <Text size="xs" c="dimmed" tt="uppercase" fw={600}>{section.title}</Text>
            <Text size="sm" style={{ whiteSpace: 'pre-wrap', unicodeBidi: 'plaintext' }}>{section.text}</Text>
          </div>
        ))}
      </Stack>
    </article>
  );
}
