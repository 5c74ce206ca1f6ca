/** What a radiologist does: take a case from the list, look at its images, write and sign. */
import type { Locator, Page } from '@playwright/test';
import { expect } from '../support/people';

export function worklistRow(page: Page, patient: string | RegExp): Locator {
  return page.getByRole('grid', { name: 'Worklist' }).getByRole('row').filter({ hasText: patient });
}

/** A cell by the title of its column. */
export async function cell(row: Locator, column: string): Promise<Locator> {
  const titles = row.page().getByRole('grid', { name: 'Worklist' }).getByRole('columnheader');
  await titles.getByText(column, { exact: true }).waitFor();
  return row.getByRole('gridcell').nth((await titles.allInnerTexts()).indexOf(column));
}

/** The preview's thumbnails have arrived and are pictures. */
export async function expectPicture(image: Locator): Promise<void> {
  await image.waitFor();
  await expect.poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth)).toBeGreaterThan(0);
}

/** Opens the case whose row holds this text; opening a case that is ready takes it. */
export async function openCase(page: Page, text: string | RegExp): Promise<void> {
  const row = worklistRow(page, text);
  await row.click();
  const open = page.getByRole('complementary', { name: 'Selected case' }).getByRole('link', { name: 'Open' });
  // The preview follows the selection; its link must be the one of this row.
  await expect(open).toHaveAttribute('href', `/read/${await row.getAttribute('data-case')}`);
  await open.click();
  await expect(page.getByTestId('claim-state')).toHaveAttribute('data-state', 'HELD');
}

export function viewport(page: Page): Locator {
  return page.getByTestId('viewport').first();
}

/** An image is on screen, and it is the one the viewport says it is. */
export async function untilShown(page: Page, index?: number): Promise<void> {
  await expect(viewport(page)).toHaveAttribute('data-image-state', 'shown');
  if (index !== undefined) await expect(viewport(page)).toHaveAttribute('data-image-index', String(index));
}

/** Draws with the left button over the image; `from` and `to` are pixels from the viewport's centre. */
export async function dragOnImage(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const box = await viewport(page).boundingBox();
  if (box === null) throw new Error('there is no viewport to draw in');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x + from[0], y + from[1]);
  await page.mouse.down();
  await page.mouse.move(x + to[0], y + to[1], { steps: 8 });
  await page.mouse.up();
}

/** Puts the keyboard back where it works on the images. */
export async function leaveText(page: Page): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}

/** Window and zoom as they stand over the image. */
export async function figures(page: Page): Promise<{ width: number; level: number; zoom: number }> {
  const text = await viewport(page).getByTestId('overlay').innerText();
  const window = /W (-?\d+)\s+L (-?\d+)/.exec(text);
  const zoom = /Zoom (\d+) %/.exec(text);
  return { width: Number(window?.[1]), level: Number(window?.[2]), zoom: Number(zoom?.[1]) / 100 };
}

export function dock(page: Page): Locator {
  return page.getByTestId('report-dock');
}

export function section(page: Page, key: string): Locator {
  return dock(page).locator(`textarea[data-section="${key}"]`);
}

/** Replaces what stands in a section. Clicked first: by the keyboard alone, only the first placeholder is selected. */
export async function write(page: Page, key: string, text: string): Promise<void> {
  await section(page, key).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

export async function untilSaved(page: Page): Promise<void> {
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'SAVED');
}

/** Signs as final and waits for the signed version. */
export async function sign(page: Page, password: string): Promise<void> {
  await dock(page).getByRole('button', { name: /^Sign/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign the report' });
  await dialog.getByLabel('Your password').fill('not my password');
  await dialog.getByRole('button', { name: 'Sign as final' }).click();
  await expect(dialog.getByText('The password is wrong.')).toBeVisible();
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: 'Sign as final' }).click();
  await expect(page.getByTestId('signed-version')).toBeVisible();
}
