/** What an imaging centre's staff do: send studies, follow their cases, fetch the report. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect } from '../support/people';

/** Lets go of files or folders over the page, as a hand with a mouse does. */
export async function dropFiles(page: Page, target: Locator, files: readonly string[]): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error('there is nowhere to drop the files');
  const devtools = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: [...files], dragOperationsMask: 1 } };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await devtools.send('Input.dispatchDragEvent', { type, ...at });
  await devtools.detach();
}

export function found(page: Page): Locator {
  return page.getByRole('table', { name: 'Images found' });
}

/** Says where the studies come from and why they were made; the button to send them is left. */
export async function describe(page: Page, about: { facility: string; priority: string; indication: string }): Promise<void> {
  const form = page.getByRole('region', { name: 'How to send' });
  await form.getByLabel('Facility').selectOption({ label: about.facility });
  await form.getByRole('radiogroup', { name: 'Priority' }).getByText(about.priority, { exact: true }).click();
  await form.getByLabel('Indication').fill(about.indication);
}

export function receiptRow(page: Page, file: string): Locator {
  return page.getByRole('table', { name: 'Every file and what became of it' }).getByRole('row').filter({ hasText: file });
}

export function caseRow(page: Page, patient: string | RegExp): Locator {
  return page.getByRole('table', { name: 'Cases' }).getByRole('row').filter({ hasText: patient });
}

/** The report's PDF, as it is saved on the centre's disc. */
export async function downloadPdf(page: Page): Promise<Buffer> {
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'PDF', exact: true }).click();
  const download = await saved;
  expect(download.suggestedFilename(), 'a file name without a patient').toMatch(/^case_[0-9a-f]{32}-1\.pdf$/);
  return readFileSync(await download.path());
}
