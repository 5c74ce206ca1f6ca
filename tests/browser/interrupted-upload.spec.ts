/** A line that breaks and a tab that is closed in the middle of an upload: nothing is lost, nothing is sent twice. */
import { caseRow, describe, dropFiles, receiptRow } from './people/facility';
import { expectAccessible } from './support/accessibility';
import { picture } from './support/artifacts';
import { sample } from './support/files';
import { expect, signIn, test } from './support/people';

const FILE = 'CT_small.dcm';

test('an upload that was interrupted goes on after a reload', async ({ facility }) => {
  const { page } = facility;
  // The browser asks before it leaves an upload; this person means it.
  page.on('dialog', (dialog) => void dialog.accept());
  await signIn(facility);
  await page.goto('/upload');
  await dropFiles(page, page.getByRole('region', { name: 'Drop a folder, files or a ZIP here' }), [sample(FILE)]);
  await describe(page, { facility: 'Hill Street Clinic (HILL)', priority: 'Routine', indication: 'Follow-up.' });

  await page.route('**/dicomweb/**', (route) => route.abort('internetdisconnected'));
  await page.getByRole('button', { name: /^Send 1 image/ }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The program cannot be reached' })).toContainText('Nothing is sent twice');
  await picture(page, '40-line-lost');

  await page.unrouteAll();
  await page.reload();
  const interrupted = page.getByRole('region', { name: 'Interrupted uploads' });
  await expect(interrupted).toContainText('1 of 1 images is still missing');
  await expectAccessible(page, 'the interrupted uploads');
  await interrupted.getByRole('button', { name: 'Resume upload' }).click();
  await picture(page, '41-resume');
  await dropFiles(page, page.getByRole('region', { name: 'Drop the same folder or files here' }), [sample(FILE)]);
  await expect(page.getByText('Everything arrived')).toBeVisible();
  await expect(receiptRow(page, FILE)).toContainText('Stored');
  await page.getByRole('link', { name: 'See the cases' }).click();
  await expect(caseRow(page, 'CompressedSamples, CT1')).toContainText('Ready to read');
});
