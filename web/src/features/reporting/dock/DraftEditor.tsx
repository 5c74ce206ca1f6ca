/** The report while it is written. */
import { Button, Group, Kbd, Select, Stack, Text } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignKind } from '@/gql/enums';
import { notifyFailed } from '@/ui/notify';
import type { OpenedDraft } from '../draft/useDraft';
import { gaps as gapsOf } from '../model/gaps';
import { changedTemplate, type Template } from '../model/template';
import classes from './dock.module.css';
import { SaveStateText } from './SaveStateText';
import { SectionEditor } from './SectionEditor';
import { SignDialog, type SignSummary } from './SignDialog';
import { VersionOffer } from './VersionOffer';

interface DraftEditorProps {
  draft: OpenedDraft;
  templates: readonly Template[];
  summary: SignSummary;
  /** The text can be read but not changed: the claim is lost. */
  disabled: boolean;
  keyImages: React.ReactNode;
  newImages: number;
  onNewImagesSeen: () => void;
  /** Errors: `ApiError`. */
  onSign: (kind: SignKind, password: string, baseRevision: number) => Promise<void>;
}

export function DraftEditor({ draft, templates, summary, disabled, keyImages, newImages, onNewImagesSeen, onSign }: DraftEditorProps) {
  const { t } = useTranslation();
  const { keeper } = draft;
  const { sections, save, templateId, unkept } = useSyncExternalStore(keeper.subscribe, keeper.getSnapshot);
  const [signing, setSigning] = useState(false);
  const [other, setOther] = useState(draft.other);
  const firstBox = useRef<HTMLTextAreaElement>(null);
  const gaps = gapsOf(sections);

  const saveNow = () => keeper.flush().catch((cause: unknown) => keeper.getSnapshot().save.kind === 'REFUSED' && notifyFailed(cause));
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === 'Enter' && !disabled) {
      event.preventDefault();
      setSigning(true);
    } else if (event.key.toLowerCase() === 's') {
      event.preventDefault();
      void saveNow();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  const changeTemplate = async (id: string | null) => {
    const next = templates.find((template) => template.id === id);
    if (next === undefined || next.id === templateId) return;
    // The program carries text over from the template it knows of; it must not miss one in between.
    if (keeper.hasUnsaved) await keeper.flush().catch(() => undefined);
    const now = keeper.getSnapshot();
    keeper.replace(next.id, changedTemplate(now.sections, templates.find((template) => template.id === now.templateId), next));
  };
  /** The version in use takes the place of the one that was offered, so that this can be undone. */
  const exchange = () => {
    if (other === undefined) return;
    setOther({ source: other.source === 'SERVER' ? 'LOCAL' : 'SERVER', templateId, sections: [...sections], at: Date.now() });
    keeper.replace(other.templateId, other.sections);
  };
  const sign = async (kind: SignKind, password: string) => {
    await keeper.flush();
    await onSign(kind, password, keeper.revision);
  };

  return (
    <>
      <div className={classes.bar} data-place="top">
        <Select
          size="xs" flex={1} aria-label={t('reporting.template')} value={templateId} disabled={disabled} allowDeselect={false}
          data={optionsOf(templates, templateId)} onChange={(id) => void changeTemplate(id)} comboboxProps={{ width: 260 }}
        />
      </div>
      <div className={classes.scroll}>
        {save.kind === 'CONFLICT' && (
          <VersionOffer
            title={t('reporting.conflict.title')}
            text={t('reporting.conflict.text')}
            sections={save.server.sections}
            at={Date.parse(save.server.updatedAt)}
            actions={[
              { label: t('reporting.conflict.keepMine'), primary: true, run: () => keeper.overrule(save.server) },
              {
                label: t('reporting.conflict.takeTheirs'),
                run: () => {
                  setOther({ source: 'LOCAL', templateId, sections: [...sections], at: Date.now() });
                  keeper.yieldTo(save.server);
                },
              },
            ]}
          />
        )}
        {save.kind !== 'CONFLICT' && other !== undefined && (
          <VersionOffer
            title={t('reporting.other.title')}
            text={t(`reporting.other.${other.source}`)}
            sections={other.sections}
            at={other.at}
            actions={[
              { label: t('reporting.other.restore'), run: exchange },
              { label: t('reporting.other.dismiss'), run: () => setOther(undefined) },
            ]}
          />
        )}
        <Stack gap="sm">
          {sections.map((section, index) => (
            <SectionEditor
              key={section.key}
              section={section}
              disabled={disabled}
              inputRef={index === 0 ? firstBox : undefined}
              onChange={(text) => keeper.edit(section.key, text)}
            />
          ))}
          {keyImages}
        </Stack>
      </div>
      <div className={classes.bar} data-place="bottom">
        <SaveStateText save={save} unkept={unkept} />
        <div style={{ flex: 1 }} />
        {gaps.length > 0 && <Text size="xs" c="orange.4" style={{ whiteSpace: 'nowrap' }}>▲ {t('reporting.gaps', { count: gaps.length })}</Text>}
        <Button size="xs" flex="none" disabled={disabled} onClick={() => setSigning(true)}>
          <Group gap={8} wrap="nowrap">{t('reporting.sign.button')}<Kbd size="xs">Ctrl ↵</Kbd></Group>
        </Button>
      </div>
      {signing && (
        <SignDialog
          summary={summary} sections={sections} gaps={gaps} newImages={newImages} onNewImagesSeen={onNewImagesSeen}
          onClose={() => setSigning(false)} onSign={sign}
        />
      )}
    </>
  );
}

/** A draft may follow a template that is not among those offered. */
function optionsOf(templates: readonly Template[], current: string) {
  const options = templates.map((template) => ({ value: template.id, label: template.name }));
  return options.some((option) => option.value === current) ? options : [...options, { value: current, label: '–' }];
}
