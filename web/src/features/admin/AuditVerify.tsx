/** Asks the program to recompute the chain and to compare it with its checkpoints, and says what came out. */
import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { dataOf } from '@/api/graphql';
import type { AuditVerificationQuery } from '@/gql/graphql';
import { formatDateTime, formatNumber } from '@/ui/format';
import { useAction } from '@/ui/useAction';
import { AUDIT_VERIFICATION } from './admin.queries';

export type Verdict = AuditVerificationQuery['auditVerification'];

export function useVerification(): { verdict: Verdict | null; verify: () => void; busy: boolean } {
  const client = useClient();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [verify, busy] = useAction(async () => {
    setVerdict(null);
    const result = await client.query(AUDIT_VERIFICATION, {}, { requestPolicy: 'network-only' }).toPromise();
    setVerdict(dataOf(result).auditVerification);
  });
  return { verdict, verify: () => void verify(), busy };
}

export function VerdictNote({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation();
  const title = verdict.intact
    ? t('admin.audit.intact', { count: verdict.events, shown: formatNumber(verdict.events) })
    : t('admin.audit.changed');
  return (
    <Alert
      role={verdict.intact ? 'status' : 'alert'}
      color={verdict.intact ? 'green' : 'red'}
      title={title}
      icon={verdict.intact ? <IconShieldCheck size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />}
    >
      {verdict.firstBrokenSequence !== null && <Text size="sm">{t('admin.audit.broken', { sequence: verdict.firstBrokenSequence })}</Text>}
      {verdict.firstContradictedSequence !== null && <Text size="sm">{t('admin.audit.contradicted', { sequence: verdict.firstContradictedSequence })}</Text>}
      {verdict.unreadableCheckpoints > 0 && <Text size="sm">{t('admin.audit.unreadable', { count: verdict.unreadableCheckpoints })}</Text>}
      <Text size="sm">
        {verdict.newestCheckpointSequence === null || verdict.newestCheckpointAt === null
          ? t('admin.audit.noCheckpoint')
          : t('admin.audit.checkpoints', { count: verdict.checkpoints, sequence: verdict.newestCheckpointSequence, at: formatDateTime(verdict.newestCheckpointAt) })}
      </Text>
    </Alert>
  );
}
