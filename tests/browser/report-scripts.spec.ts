/** A report in other scripts than Latin, read twice: what is refused, what is said, and what the facility gets. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { dock, leaveText, openCase, section, untilSaved, untilShown, write } from './people/radiologist';
import { expectAccessible } from './support/accessibility';
import { keep, picture } from './support/artifacts';
import { expect, signIn, test } from './support/people';

const FINDINGS = 'لا يوجد نزف داخل الجمجمة. قياس 12 × 8 مم.\nאין דימום תוך גולגולתי (CT, 3 מ״מ).\n頭蓋内出血は認められない。\nNo haemorrhage [sic], 1.2 cm [3].';
/** Assigned to nothing: no font has it. */
const NO_GLYPH = '\u{1FBFF}';

test('a report in four scripts is read twice and reaches the facility as it was written', async ({ radiologist, secondRadiologist, facility }) => {
  const { page } = radiologist;
  await signIn(radiologist);
  await openCase(page, /knee/i);
  const address = new URL(page.url()).pathname;
  await untilShown(page);
  await leaveText(page);
  await page.keyboard.press('k');
  await expect(dock(page).getByRole('button', { name: 'Show key image 1' })).toBeVisible();

  await write(page, 'findings', `${FINDINGS}\u202e ${NO_GLYPH}`);
  await write(page, 'impression', 'No haemorrhage [sic].');
  await untilSaved(page);
  await expect(section(page, 'findings')).not.toHaveValue(/\u202e/);
  await openSign(page);
  await expect(page.getByRole('dialog').getByText('[[left / right]] is not filled in')).toBeVisible();
  await page.keyboard.press('Escape');
  await write(page, 'technique', 'MR of the left knee.');
  await untilSaved(page);
  await signAs(page, radiologist.account.password, 'Preliminary');
  const refusal = page.getByRole('dialog').getByRole('alert');
  await expect(refusal).toContainText('U+1FBFF');
  await expect(refusal.getByRole('listitem')).toHaveText('Findings');
  await expectAccessible(page, 'the refusal to sign');
  await picture(page, '40-unprintable');
  await page.keyboard.press('Escape');
  await write(page, 'findings', FINDINGS);
  await untilSaved(page);
  await signAs(page, radiologist.account.password, 'Preliminary');
  await expect(dock(page)).toContainText('Another reader makes it final.');
  await expect(dock(page).getByRole('button', { name: 'Claim and report' })).toHaveCount(0);
  await picture(page, '41-own-preliminary');

  const second = secondRadiologist.page;
  await signIn(secondRadiologist);
  await second.goto(address);
  await dock(second).getByRole('button', { name: 'Claim and report' }).click();
  await expect(section(second, 'findings')).toHaveValue(FINDINGS);
  await signAs(second, secondRadiologist.account.password, 'Final');
  await expect(second.getByTestId('signed-version').first()).toContainText('頭蓋内出血');
  await dock(second).getByRole('button', { name: 'Write an addendum' }).click();
  await second.getByTestId('addendum').fill('ملحق: لا تغيير.');
  await second.getByLabel('Your password').fill(secondRadiologist.account.password);
  await second.getByRole('button', { name: 'Sign addendum' }).click();
  await expect(second.getByTestId('signed-version')).toHaveCount(3);

  await signIn(facility);
  await facility.page.goto(address.replace('/read/', '/cases/'));
  await facility.page.getByRole('button', { name: 'Open report' }).click();
  const addendum = facility.page.getByRole('article', { name: 'Version 3' });
  await expect(addendum).toContainText('ملحق');
  const saved = facility.page.waitForEvent('download');
  await addendum.getByRole('button', { name: 'PDF', exact: true }).click();
  const pdf = readFileSync(await (await saved).path());
  keep('42-addendum.pdf', pdf);
  expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  // The image was marked for the preliminary report and signed with the final one; the addendum stands with it.
  expect(pdf.includes('/Subtype/Image') || pdf.includes('/Subtype /Image')).toBe(true);
  await picture(facility.page, '42-facility');
});

async function openSign(page: Page): Promise<void> {
  await dock(page).getByRole('button', { name: /^Sign/ }).click();
  await page.getByRole('dialog', { name: 'Sign the report' }).waitFor();
}

async function signAs(page: Page, password: string, kind: 'Preliminary' | 'Final'): Promise<void> {
  await openSign(page);
  const dialog = page.getByRole('dialog', { name: 'Sign the report' });
  await dialog.getByText(kind, { exact: true }).click();
  await dialog.getByLabel('Your password').fill(password);
  await dialog.getByRole('button', { name: `Sign as ${kind.toLowerCase()}` }).click();
}
