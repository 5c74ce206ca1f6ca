import { Text } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useSessionState } from '@/api/useLive';
import { stateColor } from '@/theme/theme';
import { formatTime } from '@/ui/format';
import type { SaveState } from '../draft/DraftKeeper';

/** Where the text is at this moment, in words. */
export function SaveStateText({ save, unkept }: { save: SaveState; unkept: boolean }) {
  const { t } = useTranslation();
  const expired = useSessionState().kind === 'EXPIRED';
  const [words, color] = expired && save.kind !== 'SAVED' ? [t('reporting.save.expired'), stateColor.soon] : wordsOf(save, t);
  return (
    <Text size="xs" c={color} role="status" aria-live="polite" className="tabular" data-testid="save-state" data-state={save.kind}>
      {words}
      {unkept && ` ▲ ${t('reporting.save.unkept')}`}
    </Text>
  );
}

function wordsOf(save: SaveState, t: TFunction): [string, string] {
  switch (save.kind) {
    case 'NEW':
      return [t('reporting.save.NEW'), stateColor.calm];
    case 'SAVED':
      return [t('reporting.save.SAVED', { at: formatTime(new Date(save.at).toISOString()) }), stateColor.calm];
    case 'UNSAVED':
      return [t('reporting.save.UNSAVED'), stateColor.calm];
    case 'SAVING':
      return [t('reporting.save.SAVING'), stateColor.calm];
    case 'OFFLINE':
      return [`▲ ${t('reporting.save.OFFLINE')}`, stateColor.soon];
    case 'CONFLICT':
      return [`▲ ${t('reporting.save.CONFLICT')}`, stateColor.soon];
    case 'CLAIM_LOST':
      return [`▲ ${t('reporting.save.CLAIM_LOST')}`, stateColor.soon];
    case 'REFUSED':
      return [`▲ ${t('reporting.save.REFUSED')}`, stateColor.overdue];
  }
}
