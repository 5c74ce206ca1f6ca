import { useTranslation } from 'react-i18next';
import { ShortcutSheet } from '@/ui/ShortcutSheet';
import { WORKLIST_KEYS } from './useWorklistKeys';

export function WorklistHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const keys = WORKLIST_KEYS.map(({ label, command }) => ({ label, action: t(`worklist.command.${command}`) }));
  return <ShortcutSheet opened={opened} onClose={onClose} groups={[{ title: t('worklist.title'), keys }]} />;
}
