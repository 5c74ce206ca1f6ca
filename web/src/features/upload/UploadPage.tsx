/** The upload, step by step: choose, look, send, receipt. */
import { Group, Stepper } from '@mantine/core';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '@/ui/Page';
import { ChooseStep } from './ChooseStep';
import { uploadFlow } from './flow';
import { ReceiptStep } from './ReceiptStep';
import { ReviewStep } from './review/ReviewStep';
import { ScanStep } from './ScanStep';
import { SendStep } from './SendStep';

const ORDER = { CHOOSE: 0, SCAN: 0, REVIEW: 1, SEND: 2, RECEIPT: 4 } as const;

export function UploadPage() {
  const { t } = useTranslation();
  const state = useSyncExternalStore(uploadFlow.subscribe, uploadFlow.state);
  useWarningBeforeLeaving(state.step === 'SEND');
  return (
    <Page title={t('upload.title')}>
      <Group visibleFrom="sm" className="no-print">
        <Stepper active={ORDER[state.step]} size="xs" maw={720} flex={1} aria-label={t('upload.steps')}>
          <Stepper.Step label={t('upload.step.choose')} />
          <Stepper.Step label={t('upload.step.review')} />
          <Stepper.Step label={t('upload.step.send')} />
          <Stepper.Step label={t('upload.step.receipt')} />
        </Stepper>
      </Group>
      {state.step === 'CHOOSE' && <ChooseStep resuming={state.resuming} problem={state.problem} />}
      {state.step === 'SCAN' && <ScanStep scanned={state.scanned} total={state.total} images={state.images} />}
      {state.step === 'REVIEW' && <ReviewStep patients={state.patients} setAside={state.setAside} />}
      {state.step === 'SEND' && <SendStep sender={state.sender} patients={state.patients} absent={state.absent} finishing={state.finishing} problem={state.problem} />}
      {state.step === 'RECEIPT' && <ReceiptStep receipt={state.receipt} names={state.names} />}
    </Page>
  );
}

/** Closing the tab interrupts the upload; it can be resumed, but nobody should do it by accident. */
function useWarningBeforeLeaving(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [active]);
}
