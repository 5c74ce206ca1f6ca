/** One case: its images, and the report beside them. */
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { apiErrorOf, dataOf } from '@/api/graphql';
import { ApiError } from '@/api/request';
import { useSession } from '@/api/useLive';
import { type KeyImageMark, type NewKeyImage, Viewer, type ViewerHandle } from '@/features/viewer';
import type { SignKind } from '@/gql/enums';
import { notifyDone, notifyFailed } from '@/ui/notify';
import { ErrorState, LoadingState } from '@/ui/State';
import { KeyImageStrip } from '../dock/KeyImageStrip';
import { ReportDock } from '../dock/ReportDock';
import { Splitter } from '../dock/Splitter';
import type { OpenedDraft } from '../draft/useDraft';
import { ClaimLostOverlay } from './ClaimLostOverlay';
import { NewImagesNotice } from './NewImagesNotice';
import { ReadingHeader } from './ReadingHeader';
import {
  ACKNOWLEDGE_LATE_IMAGES, ADD_ADDENDUM, MARK_KEY_IMAGE, NEXT_CASES, REMOVE_KEY_IMAGE, SIGN,
} from './reading.queries';
import classes from './ReadingScreen.module.css';
import { useClaim } from './useClaim';
import { type ReadingCase, useReadingCase } from './useReadingCase';

export function ReadingScreen({ caseId }: { caseId: string }) {
  const { result, one, reload } = useReadingCase(caseId);
  if (one !== undefined) return <Reading key={one.id} one={one} reload={reload} />;
  if (result.error !== undefined) return <ErrorState cause={apiErrorOf(result.error)} onRetry={reload} />;
  if (result.data !== undefined && !result.stale && !result.fetching && result.data.case === null) {
    return <ErrorState cause={new ApiError('NOT_FOUND', 'no such case')} onRetry={reload} />;
  }
  return <LoadingState />;
}

/** Kept for the visit, so that every case opens with the width the reader chose. */
let chosenWidth = 420;

function Reading({ one, reload }: { one: ReadingCase; reload: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const navigate = useNavigate();
  const { user, role, tenant } = useSession();
  const { keeper, claim } = useClaim(one.id);
  const viewer = useRef<ViewerHandle>(null);
  const [dockOpen, setDockOpen] = useState(true);
  const [width, setWidth] = useState(chosenWidth);
  const [lostSeen, setLostSeen] = useState(false);
  // What the signature stands for: images that come later count when the reader has looked at them.
  const [seenImages, setSeenImages] = useState(one.receivedCount);
  const newImages = Math.max(0, one.receivedCount - seenImages);
  const markSeen = () => setSeenImages(one.receivedCount);
  const stacked = useMediaQuery('(max-width: 60em)') ?? false;
  const canRead = role === 'RADIOLOGIST';
  const isMine = one.holder?.userId === user.id;
  const claimable = canRead && (isMine || (!one.holder && (one.state === 'READY_TO_READ' || one.state === 'ASSIGNED') && one.report === null));

  // Opening a case that is ready takes it. Once: what happens to the claim afterwards is the reader's to decide.
  const asked = useRef(false);
  useEffect(() => {
    if (asked.current || !claimable) return;
    asked.current = true;
    void keeper.claim();
  }, [claimable, keeper]);

  useEffect(() => {
    document.title = `${t('reporting.title')} · telerad`;
  }, [t]);

  const sign = async (draft: OpenedDraft, kind: SignKind, password: string, baseRevision: number) => {
    const claimToken = keeper.token;
    if (claimToken === undefined) throw new ApiError('CLAIM_LOST', 'the case is not held');
    try {
      dataOf(await client.mutation(SIGN, { input: { caseId: one.id, claimToken, baseRevision, imageCount: seenImages, kind, password } }).toPromise());
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'CLAIM_LOST') keeper.lose();
      // The word of the new images may still be on its way.
      if (cause instanceof ApiError && cause.code === 'STUDY_CHANGED') reload();
      throw cause;
    }
    keeper.finish();
    await draft.keeper.finish().catch(() => undefined);
    reload();
  };
  const addAddendum = async (text: string, password: string) => {
    dataOf(await client.mutation(ADD_ADDENDUM, { input: { caseId: one.id, text, imageCount: seenImages, password } }).toPromise());
    reload();
  };
  const acknowledge = () => {
    client.mutation(ACKNOWLEDGE_LATE_IMAGES, { input: { caseId: one.id, imageCount: seenImages } }).toPromise().then(dataOf).then(reload, notifyFailed);
  };
  const markKeyImage = (image: NewKeyImage) => {
    const claimToken = keeper.token;
    if (claimToken === undefined) return;
    client.mutation(MARK_KEY_IMAGE, { input: { caseId: one.id, claimToken, ...image, note: null } }).toPromise().then(dataOf).then(reload, notifyFailed);
  };
  const removeKeyImage = (keyImageId: string) => {
    const claimToken = keeper.token;
    if (claimToken === undefined) return;
    client.mutation(REMOVE_KEY_IMAGE, { input: { caseId: one.id, claimToken, keyImageId } }).toPromise().then(dataOf).then(reload, notifyFailed);
  };
  const openNext = async () => {
    try {
      const { worklist } = dataOf(await client.query(NEXT_CASES, {}, { requestPolicy: 'network-only' }).toPromise());
      const next = worklist.nodes.find((node) => node.id !== one.id);
      if (next === undefined) {
        notifyDone(t('reporting.noNextCase'));
        void navigate({ to: '/worklist' });
      } else {
        void navigate({ to: '/read/$caseId', params: { caseId: next.id } });
      }
    } catch (cause) {
      notifyFailed(cause);
    }
  };
  const thumbnailUrl = ({ seriesInstanceUid, sopInstanceUid }: KeyImageMark) =>
    `/dicomweb/${tenant?.slug ?? ''}/studies/${one.study.studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}/thumbnail`;
  const held = claim.kind === 'HELD';
  const otherHolder = one.holder && !isMine ? { name: one.holder.name, since: one.holder.since } : undefined;

  return (
    <div className={classes.screen} data-testid="reading-screen">
      <ReadingHeader one={one} claim={claim} otherHolder={otherHolder} dockOpen={dockOpen} onToggleDock={() => setDockOpen(!dockOpen)} />
      {newImages > 0 && <NewImagesNotice count={newImages} onSeen={markSeen} />}
      <div className={classes.body}>
        <Suspense fallback={<div style={{ flex: 1 }}><LoadingState /></div>}>
          <Viewer
            tenant={tenant?.slug ?? ''}
            studyInstanceUid={one.study.studyInstanceUid}
            series={one.study.series}
            keyImages={one.keyImages}
            onMarkKeyImage={held ? markKeyImage : undefined}
            onRemoveKeyImage={held ? removeKeyImage : undefined}
            handle={viewer}
          />
        </Suspense>
        {dockOpen && !stacked && (
          <Splitter
            width={width}
            onWidth={(value) => {
              chosenWidth = value;
              setWidth(value);
            }}
          />
        )}
        {/* Hidden, not removed: what is being written and saved goes on. */}
        <div style={{ display: dockOpen ? 'flex' : 'none', minHeight: 0 }}>
          <ReportDock
            one={one}
            userId={user.id}
            keeper={keeper}
            claim={claim}
            canRead={canRead}
            width={stacked ? '100%' : width}
            keyImages={
              <KeyImageStrip
                keyImages={one.keyImages}
                thumbnailUrl={thumbnailUrl}
                onShow={(image) => viewer.current?.showImage(image.seriesInstanceUid, image.sopInstanceUid, image.frame)}
              />
            }
            newImages={newImages}
            onNewImagesSeen={markSeen}
            onSign={sign}
            onAddendum={addAddendum}
            onAcknowledgeLateImages={acknowledge}
            onNextCase={() => void openNext()}
          />
        </div>
      </div>
      {claim.kind === 'LOST' && !lostSeen && (
        <ClaimLostOverlay
          holder={otherHolder}
          onReadOn={() => setLostSeen(true)}
          onClaimAgain={() => {
            setLostSeen(false);
            void keeper.claim();
          }}
        />
      )}
    </div>
  );
}
