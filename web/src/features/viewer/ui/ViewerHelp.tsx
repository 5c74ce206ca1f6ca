import { useTranslation } from 'react-i18next';
import { ShortcutSheet } from '@/ui/ShortcutSheet';
import type { WindowPreset } from '../model/presets';
import { VIEWER_KEYS } from './viewerKeys';

const GROUPS = ['scroll', 'tools', 'display', 'more'] as const;

export function ViewerHelp({ opened, onClose, presets }: { opened: boolean; onClose: () => void; presets: readonly WindowPreset[] }) {
  const { t } = useTranslation();
  const groups = GROUPS.map((group) => ({
    title: t(`viewer.keyGroup.${group}`),
    keys: VIEWER_KEYS.filter((key) => key.group === group).map((key) => ({ label: key.label, action: t(`viewer.command.${key.command}`) })),
  }));
  const windows = {
    title: t('viewer.presets'),
    keys: presets.map((preset) => ({ label: String(preset.digit), action: t(`viewer.preset.${preset.name}`) })),
  };
  const report = {
    title: t('reporting.keys.title'),
    keys: [
      { label: 'Tab', action: t('reporting.keys.next') },
      { label: 'Ctrl S', action: t('reporting.keys.save') },
      { label: 'Ctrl ↵', action: t('reporting.keys.sign') },
      { label: 'Esc', action: t('reporting.keys.leave') },
    ],
  };
  return <ShortcutSheet opened={opened} onClose={onClose} groups={[...groups, windows, report]} />;
}
