/** The reading screen on the demo's phantom. Its picture is the one of the README; no patient's image ever is. */
import { dock, dragOnImage, figures, leaveText, openCase, untilSaved, untilShown, viewport, write } from './people/radiologist';
import { expectAccessible } from './support/accessibility';
import { picture } from './support/artifacts';
import { expect, signIn, test } from './support/people';
import { difference, greyLevels, sightOf } from './support/pixels';

test('a stack of sixty slices is scrolled, windowed and measured in Hounsfield units', async ({ secondRadiologist }) => {
  const { page } = secondRadiologist;
  await signIn(secondRadiologist);
  await openCase(page, 'Stroke');
  await untilShown(page, 0);
  await leaveText(page);
  for (const index of [10, 20, 30]) {
    await page.keyboard.press('PageDown');
    await untilShown(page, index);
  }
  await page.keyboard.press('1');
  await expect(viewport(page).getByTestId('overlay')).toContainText('W 80 L 40');
  const brain = await sightOf(viewport(page));
  expect(greyLevels(brain), 'the slice is not blank').toBeGreaterThan(20);
  await page.keyboard.press('i');
  await expect.poll(async () => difference(brain, await sightOf(viewport(page)))).toBeGreaterThan(20);
  await page.keyboard.press('i');

  await page.keyboard.press('e');
  await dragOnImage(page, [90, 60], [140, 100]);
  await page.keyboard.press('l');
  await dragOnImage(page, [-40, -60], [-130, -120]);
  await page.getByRole('button', { name: 'Measurements: 2' }).click();
  const list = page.getByRole('region', { name: 'Measurements' });
  await expect(list).toContainText(/mean -?[\d.]+ HU/);
  await expect(list).toContainText(/[\d.]+ mm/);
  await page.getByRole('button', { name: 'Measurements: 2' }).click();
  await page.keyboard.press('k');
  await expect(dock(page).getByRole('button', { name: 'Show key image 1' })).toBeVisible();

  await write(page, 'impression', 'No haemorrhage, no early sign of ischaemia.');
  await untilSaved(page);
  await leaveText(page);
  await page.keyboard.press('w');
  await page.mouse.move(0, 0);
  await picture(page, '30-reading-room');

  await page.keyboard.press('F4');
  await expect(page.getByTestId('viewport')).toHaveCount(4);
  await page.keyboard.press('F2');
  await untilShown(page);
  expect((await figures(page)).width).toBe(80);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'the keys of the viewer');
  await picture(page, '31-keys');
});
