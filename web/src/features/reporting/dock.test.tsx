import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { ApiError } from '@/api/request';
import { renderScreen } from '@/test/render';
import { DraftEditor } from './dock/DraftEditor';
import { DraftKeeper } from './draft/DraftKeeper';
import type { ChosenDraft, OtherVersion } from './model/chooseDraft';

const SECTIONS = [
  { key: 'findings', title: 'Findings', text: 'Size [__] mm, side [[left / right]], seen [sic].', required: true },
  { key: 'impression', title: 'Impression', text: '', required: true },
];

function editor({ onSign = vi.fn(async () => undefined), other, newImages = 0, onNewImagesSeen = () => undefined }: {
  onSign?: (...args: never[]) => Promise<void>; other?: OtherVersion; newImages?: number; onNewImagesSeen?: () => void;
} = {}) {
  const start: ChosenDraft = { source: 'SERVER', templateId: 't1', sections: SECTIONS, baseRevision: 3, unsaved: false, other };
  const saved: Array<{ baseRevision: number; texts: string[] }> = [];
  const keeper = new DraftKeeper(
    {
      now: () => 0,
      keep: async () => undefined,
      forget: async () => undefined,
      read: async () => undefined,
      save: async ({ baseRevision, sections }) => {
        saved.push({ baseRevision, texts: sections.map(({ text }) => text) });
        return { revision: baseRevision + 1, updatedAt: '2026-11-22T12:04:11Z' };
      },
      later: () => () => undefined,
    },
    start,
    undefined,
  );
  const summary = { patient: 'Muster, Erika', patientId: 'P1', birthDate: '19620314', sex: 'F', study: 'CT · Head', studyDate: '20261122' };
  renderScreen(
    <DraftEditor
      draft={{ keeper, other }} templates={[{ id: 't1', name: 'CT head', sections: SECTIONS }]} summary={summary} disabled={false}
      keyImages={null} newImages={newImages} onNewImagesSeen={onNewImagesSeen} onSign={onSign as never}
    />,
  );
  return { keeper, saved, onSign };
}

const box = async (name: RegExp) => (await screen.findByRole('textbox', { name })) as HTMLTextAreaElement;
const chosen = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement) => value.slice(selectionStart, selectionEnd);

describe('writing a report', () => {
  it('goes with Tab from placeholder to placeholder, then to the next section', async () => {
    editor();
    const findings = await box(/Findings/);
    findings.focus();
    await waitFor(() => expect(chosen(findings)).toBe('[__]'));
    fireEvent.keyDown(findings, { key: 'Tab' });
    expect(chosen(findings)).toBe('[[left / right]]');
    fireEvent.keyDown(findings, { key: 'Tab', shiftKey: true });
    expect(chosen(findings)).toBe('[__]');
    findings.setSelectionRange(findings.value.length, findings.value.length);
    // Nothing left to fill in: Tab is the browser's own again.
    expect(fireEvent.keyDown(findings, { key: 'Tab' })).toBe(true);
  });

  it('lists what is missing instead of asking for the password', async () => {
    editor();
    await box(/Findings/);
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    const dialog = within(await screen.findByRole('dialog'));
    expect(await dialog.findByText(/Impression is empty/)).toBeDefined();
    expect(dialog.getByText(/\[__\] is not filled in/)).toBeDefined();
    expect(dialog.getByText(/\[\[left \/ right\]\] is not filled in/)).toBeDefined();
    expect(dialog.queryByLabelText('Your password')).toBeNull();
  });

  it('saves before it signs, signs that revision, and stays open when the password is wrong', async () => {
    const answers = [new ApiError('WRONG_PASSWORD', 'wrong'), undefined];
    const onSign = vi.fn(async () => {
      const answer = answers.shift();
      if (answer) throw answer;
    });
    const { saved } = editor({ onSign });
    fireEvent.change(await box(/Findings/), { target: { value: 'A fracture.' } });
    fireEvent.change(await box(/Impression/), { target: { value: 'Fracture of the left radius.' } });
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    const dialog = within(await screen.findByRole('dialog'));
    const password = await dialog.findByLabelText('Your password');
    fireEvent.change(password, { target: { value: 'not mine' } });
    fireEvent.submit(password);
    expect(await dialog.findByText('The password is wrong.')).toBeDefined();
    expect(saved).toEqual([{ baseRevision: 3, texts: ['A fracture.', 'Fracture of the left radius.'] }]);
    expect(onSign).toHaveBeenCalledWith('FINAL', 'not mine', 4);
    fireEvent.change(password, { target: { value: 'mine' } });
    fireEvent.submit(password);
    await waitFor(() => expect(onSign).toHaveBeenLastCalledWith('FINAL', 'mine', 4));
  });

  it('says which characters cannot be printed, and in which section', async () => {
    const onSign = vi.fn(async () => {
      throw new ApiError('REPORT_UNPRINTABLE', 'no font', { extensions: { characters: ['U+1F9B4'], fields: { impression: 'cannot be printed: U+1F9B4' } } });
    });
    editor({ onSign });
    fireEvent.change(await box(/Findings/), { target: { value: 'A fracture.' } });
    fireEvent.change(await box(/Impression/), { target: { value: 'Fracture 🦴' } });
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    const dialog = within(await screen.findByRole('dialog'));
    const password = await dialog.findByLabelText('Your password');
    fireEvent.change(password, { target: { value: 'mine' } });
    fireEvent.submit(password);
    const alert = await dialog.findByRole('alert');
    expect(alert.textContent).toContain('🦴 (U+1F9B4)');
    expect(within(alert).getByRole('listitem').textContent).toBe('Impression');
  });

  it('keeps nothing of what is pasted that hides or reorders the text', async () => {
    const { keeper } = editor();
    fireEvent.change(await box(/Findings/), { target: { value: '12\u202e34\u0000 mm' } });
    expect(keeper.getSnapshot().sections[0]?.text).toBe('1234 mm');
    expect((await box(/Findings/)).value).toBe('1234 mm');
  });

  it('signs nothing while there are images the reader has not looked at', async () => {
    const onNewImagesSeen = vi.fn();
    const { onSign } = editor({ newImages: 2, onNewImagesSeen });
    const findings = await box(/Findings/);
    await userEvent.clear(findings);
    await userEvent.type(findings, 'A fracture.');
    await userEvent.type(await box(/Impression/), 'Fracture.');
    await userEvent.click(screen.getByRole('button', { name: /^Sign/ }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByRole('alert').textContent).toContain('2 new images');
    await userEvent.type(within(dialog).getByLabelText('Your password'), 'mine');
    expect((within(dialog).getByRole('button', { name: 'Sign as final' }) as HTMLButtonElement).disabled).toBe(true);
    fireEvent.submit(dialog.querySelector('form') as HTMLFormElement);
    expect(onSign).not.toHaveBeenCalled();
    await userEvent.click(within(dialog).getByRole('button', { name: 'I have looked' }));
    expect(onNewImagesSeen).toHaveBeenCalled();
  });

  it('exchanges the two versions of a report, so that restoring can be taken back', async () => {
    const other: OtherVersion = { source: 'LOCAL', templateId: 't1', sections: [{ key: 'findings', title: 'Findings', text: 'Typed before the crash.', required: true }], at: 0 };
    editor({ other });
    await userEvent.click(await screen.findByRole('button', { name: 'Restore other version' }));
    expect((await box(/Findings/)).value).toBe('Typed before the crash.');
    await userEvent.click(screen.getByRole('button', { name: 'Restore other version' }));
    expect((await box(/Findings/)).value).toContain('Size [__] mm');
  });
});
