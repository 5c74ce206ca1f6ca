/** The right side of the reading screen: the report in whatever condition it is. */
import { Button, Stack, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { messageOf } from '@/api/errors';
import { signedPreliminary } from '@/features/worklist';
import { readFragment } from '@/gql';
import type { SignKind } from '@/gql/enums';
import { formatTime } from '@/ui/format';
import { LoadingState } from '@/ui/State';
import type { OpenedDraft } from '../draft/useDraft';
import { useDraft } from '../draft/useDraft';
import type { Template } from '../model/template';
import type { ClaimKeeper, ClaimState } from '../reading/ClaimKeeper';
import { TEMPLATE_FIELDS, TEMPLATES, VERSION_FIELDS } from '../reading/reading.queries';
import type { ReadingCase } from '../reading/useReadingCase';
import classes from './dock.module.css';
import { DraftEditor } from './DraftEditor';
import { SignedReport } from './SignedReport';

interface ReportDockProps {
  one: ReadingCase;
  userId: string;
  keeper: ClaimKeeper;
  claim: ClaimState;
  canRead: boolean;
  width: number | string;
  keyImages: React.ReactNode;
  /** Images that arrived since the reader last looked. */
  newImages: number;
  onNewImagesSeen: () => void;
  onSign: (draft: OpenedDraft, kind: SignKind, password: string, baseRevision: number) => Promise<void>;
  onAddendum: (text: string, password: string) => Promise<void>;
  onAcknowledgeLateImages: () => void;
  onNextCase: () => void;
}

const FINAL_STATES = new Set(['FINAL_SIGNED', 'DELIVERED', 'CLOSED']);

export function ReportDock(props: ReportDockProps) {
  const { one, keeper, claim, userId, canRead } = props;
  const { t } = useTranslation();
  const templates = useTemplates(one);
  const isFinal = FINAL_STATES.has(one.state);
  const draft = useDraft(one.id, userId, keeper, claim.kind === 'HELD' && !isFinal, templates);
  const versions = readFragment(VERSION_FIELDS, one.report?.versions ?? []);
  const summary = {
    patient: one.patient.name,
    patientId: one.patient.patientId,
    birthDate: one.patient.birthDate,
    sex: one.patient.sex,
    study: [one.study.modalities.join(' '), one.study.description].filter(Boolean).join(' · '),
    studyDate: one.study.studyDate,
  };
  const isOwnPreliminary = signedPreliminary(versions, userId);
  const isWriting = claim.kind === 'HELD' || claim.kind === 'LOST';
  return (
    <aside className={classes.dock} style={{ width: props.width }} aria-label={t('reporting.title')} data-testid="report-dock">
      {one.indication && (
        <section className={classes.question} aria-label={t('reporting.indication')}>
          <Text size="xs" c="dimmed">{t('reporting.indication')}</Text>
          <Text size="sm">{one.indication}</Text>
        </section>
      )}
      {isWriting && !isFinal ? (
        draft === undefined ? (
          <LoadingState />
        ) : (
          <DraftEditor
            draft={draft} templates={templates} summary={summary} disabled={claim.kind !== 'HELD'} keyImages={props.keyImages}
            newImages={props.newImages} onNewImagesSeen={props.onNewImagesSeen}
            onSign={(kind, password, baseRevision) => props.onSign(draft, kind, password, baseRevision)}
          />
        )
      ) : versions.length > 0 ? (
        <>
          {!isFinal && canRead && (
            isOwnPreliminary
              ? <Text size="sm" p="md" role="note">{t('reporting.ownPreliminary')}</Text>
              : <ClaimOffer claim={claim} onClaim={() => void keeper.claim()} text={t('reporting.preliminaryOnly')} />
          )}
          <SignedReport
            versions={versions} lateImages={one.lateImages} keyImages={props.keyImages} caseId={one.id} userId={userId}
            onAddendum={isFinal && canRead ? props.onAddendum : undefined}
            onAcknowledgeLateImages={isFinal && canRead ? props.onAcknowledgeLateImages : undefined}
            onNextCase={props.onNextCase}
          />
        </>
      ) : (
        <ReadOnly one={one} claim={claim} canRead={canRead} onClaim={() => void keeper.claim()} />
      )}
    </aside>
  );
}

/** Why there is nothing to write, and what can be done about it. */
function ReadOnly({ one, claim, canRead, onClaim }: { one: ReadingCase; claim: ClaimState; canRead: boolean; onClaim: () => void }) {
  const { t } = useTranslation();
  const holder = claim.kind === 'TAKEN' ? claim.holder : one.holder;
  const text = holder
    ? t('reporting.heldBy', { name: holder.name, at: formatTime(holder.since) })
    : !canRead
      ? t('reporting.onlyReaders')
      : t(`reporting.readOnly.${one.state === 'RECEIVING' || one.state === 'EXPECTED' ? 'arriving' : 'state'}`);
  const claimable = canRead && !holder && (one.state === 'READY_TO_READ' || one.state === 'ASSIGNED');
  return (
    <div className={classes.scroll}>
      <ClaimOffer claim={claim} onClaim={claimable ? onClaim : undefined} text={claimable ? t('reporting.notHeld') : text} />
    </div>
  );
}

function ClaimOffer({ claim, onClaim, text }: { claim: ClaimState; onClaim: (() => void) | undefined; text: string }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" p="md" align="start">
      <Text size="sm" role="status">{text}</Text>
      {claim.kind === 'REFUSED' && <Text size="sm" c="orange" role="alert">▲ {messageOf(claim.cause)}</Text>}
      {onClaim && (
        <Button size="xs" leftSection={<IconLock size={14} aria-hidden />} loading={claim.kind === 'CLAIMING'} onClick={onClaim}>
          {t('reporting.claim')}
        </Button>
      )}
    </Stack>
  );
}

/** The templates that fit best come first; then all others. */
function useTemplates(one: ReadingCase): readonly Template[] {
  const modality = one.study.modalities.find((known) => !/^(SR|PR|KO|DOC|SEG)$/.test(known));
  const [{ data }] = useQuery({
    query: TEMPLATES,
    variables: { modality: modality ?? null, bodyPart: one.study.bodyPart || one.study.description || null },
    requestPolicy: 'cache-first',
  });
  return useMemo(() => {
    if (data === undefined) return [];
    const all = [...readFragment(TEMPLATE_FIELDS, data.fitting), ...readFragment(TEMPLATE_FIELDS, data.all)];
    return [...new Map(all.map((template) => [template.id, template])).values()];
  }, [data]);
}
