/** The main job, from end to end, as the three people who do it. */
import { addFacility, acceptInvitation, invite, openPage } from './people/administrator';
import { caseRow, describe, downloadPdf, dropFiles, found, receiptRow } from './people/facility';
import {
  cell, dock, dragOnImage, expectPicture, figures, leaveText, openCase, section, sign, untilSaved, untilShown, viewport, worklistRow, write,
} from './people/radiologist';
import { expectAccessible } from './support/accessibility';
import { keep, picture } from './support/artifacts';
import { abdomen, head, heart, samples, ultrasound } from './support/files';
import { mailTo } from './support/mail';
import { type Person, expect, signIn, test, untilLive } from './support/people';
import { difference, greyLevels, sightOf } from './support/pixels';

const FINDINGS = 'Liver: Round lesion of 18 mm in segment VI, marked on the key image.';
const TYPED_OFFLINE = ' Stable against the last examination.';
const IMPRESSION = 'One focal liver lesion, most likely a haemangioma.';
const INDICATION = 'Incidental liver lesion on ultrasound. Characterise.';

test('a facility sends studies, a radiologist reads one, and the report goes back', async ({ facility, radiologist, administrator, program, browser }) => {
  const files = await samples();
  try {
    await test.step('the radiologist waits at the worklist', () => waitAtTheWorklist(radiologist));
    await test.step('the facility sees what it is about to send', () => review(facility, files));
    await test.step('the facility gets a receipt for every file', () => sendAndGetReceipt(facility));
    await test.step('sending the same again changes nothing', () => sendAgain(facility, files.zip));
    await test.step('the worklist has grown by itself', () => seeTheWorklistGrow(radiologist));
    await test.step('compressed studies open and scroll', () => readCompressed(radiologist));
    await test.step('the images can be windowed and measured', () => readImages(radiologist));
    await test.step('the report survives a lost network and a reload', () => writeReport(radiologist));
    await test.step('the report is signed with the password', () => signReport(radiologist));
    await test.step('the facility has the report', () => fetchReport(facility));
    await test.step('a mail told the facility, without a word about the patient', async () => {
      const mail = await mailTo(program.mailFolder, 'reports@lakeside.example');
      expect(mail.subject).toMatch(/report is ready/i);
      expect(`${mail.subject} ${mail.body}`).not.toMatch(/Sssssss|021234567|liver/i);
      expect(mail.body).toContain(`${program.url}/cases/case_`);
    });
    await test.step('the administrator sees it all, and that it is whole', () => administer(administrator));
    await test.step('an invited colleague joins by the link of the mail', async () => {
      const email = 'nora.newcomer@demo.example';
      await openPage(administrator.page, 'Members');
      await invite(administrator.page, email, 'Radiologist');
      const [link] = /http\S+\/accept-invitation#\S+/.exec((await mailTo(program.mailFolder, email)).body) ?? [];
      const theirs = await browser.newContext({ baseURL: program.url });
      const page = await theirs.newPage();
      await acceptInvitation(page, link ?? '', 'Nora Newcomer', 'a sentence is a good password');
      await expect(page.getByRole('grid', { name: 'Worklist' })).toBeVisible();
      await theirs.close();
      await expect(administrator.page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: email })).toBeVisible();
    });
  } finally {
    files.remove();
  }
});

async function waitAtTheWorklist({ page, ...person }: Person): Promise<void> {
  await page.goto('/');
  await expectAccessible(page, 'the sign-in page');
  await picture(page, '01-sign-in');
  await signIn({ page, ...person });
  await untilLive(page);
  // A reload would forget this.
  await page.evaluate(() => Object.assign(window, { sinceBefore: true }));
}

async function review(person: Person, files: { disc: string; head: string; zip: string }): Promise<void> {
  const { page } = person;
  await signIn(person);
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Upload' }).click();
  const area = page.getByRole('region', { name: 'Drop a folder, files or a ZIP here' });
  await expectAccessible(page, 'the empty upload page');
  await picture(page, '02-upload');
  await dropFiles(page, area, [files.disc]);
  await expect(found(page)).toBeVisible();
  await dropFiles(page, page.getByRole('region', { name: 'Add more files' }), [files.zip, files.head]);
  for (const text of [abdomen.patientId, ultrasound.patient, head.patient, heart.patient, 'SmartScore - Gated 0.5 sec', 'abdomen^liver']) {
    await expect(found(page).getByRole('row').filter({ hasText: text }).first()).toBeVisible();
  }

  await page.getByRole('button', { name: 'Show why' }).click();
  const aside = page.getByRole('region', { name: '2 files will not be sent' });
  await expect(aside.getByRole('row').filter({ hasText: 'note.txt' })).toContainText('Not a DICOM file');
  await expect(aside.getByRole('row').filter({ hasText: 'cut-off.dcm' })).toContainText('Cut off');
  await describe(page, { facility: 'Lakeside Imaging (LAKE)', priority: 'STAT', indication: INDICATION });
  const send = page.getByRole('button', { name: /^Send 9 images/ });
  // Several patients in one upload are a mistake until somebody says otherwise.
  await expect(send).toBeDisabled();
  await page.getByLabel(/^Yes, send all \d patients$/).check();
  await expect(send).toBeEnabled();
  await expectAccessible(page, 'the review of an upload');
  await picture(page, '03-review');
}

async function sendAndGetReceipt({ page }: Person): Promise<void> {
  // A few small files are sent at once; the network is held up so that the progress can be seen.
  const letGo = Promise.withResolvers<void>();
  await page.route('**/dicomweb/**', async (route) => {
    await letGo.promise;
    await route.continue();
  });
  await page.getByRole('button', { name: /^Send 9 images/ }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Sending …' })).toBeVisible();
  await expect(page.getByText('0 of 9', { exact: true })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Progress of each study' }).getByRole('row')).toHaveCount(6);
  await expectAccessible(page, 'an upload on its way');
  await picture(page, '04-sending');
  letGo.resolve();
  await expect(page.getByRole('table', { name: 'Every file and what became of it' })).toBeVisible();
  await expect(receiptRow(page, abdomen.file)).toContainText('Stored');
  await expect(receiptRow(page, ultrasound.file)).toContainText('Stored');
  await expect(receiptRow(page, head.file)).toContainText('Stored');
  await expect(receiptRow(page, 'EXPORT/')).toHaveCount(heart.instances);
  await expect(receiptRow(page, 'half-copied.dcm')).toContainText('Refused');
  await expect(receiptRow(page, 'half-copied.dcm')).toContainText('Cut off: the file ends before its data does');
  await expect(receiptRow(page, 'cut-off.dcm')).toContainText('Not sent');
  await expect(receiptRow(page, 'note.txt')).toContainText('Not a DICOM file');
  await expectAccessible(page, 'the receipt');
  await picture(page, '05-receipt');
}

async function sendAgain({ page }: Person, zip: string): Promise<void> {
  await page.getByRole('button', { name: 'Send another study' }).click();
  await page.getByTestId('choose-files').setInputFiles(zip);
  await describe(page, { facility: 'Lakeside Imaging (LAKE)', priority: 'STAT', indication: '' });
  await page.getByRole('button', { name: /^Send 5 images/ }).click();
  await expect(page.getByText('Everything arrived')).toBeVisible();
  await expect(receiptRow(page, 'Already there')).toHaveCount(heart.instances);
  await page.getByRole('link', { name: 'See the cases' }).click();
  await expect(caseRow(page, abdomen.patientId)).toContainText('Ready to read');
  await expectAccessible(page, 'the list of cases');
  await picture(page, '06-cases');
}

async function seeTheWorklistGrow({ page }: Person): Promise<void> {
  for (const patient of [abdomen.patient, head.patient, heart.patient]) {
    await expect(await cell(worklistRow(page, patient), 'State')).toHaveText('ready');
  }
  const row = worklistRow(page, abdomen.patient);
  await expect(await cell(row, 'Priority')).toHaveText('STAT');
  await expect(await cell(row, 'Time left')).toHaveText(/^\d+ min$|\d+:\d\d/);
  await expect(await cell(row, 'Facility')).toHaveText('Lakeside Imaging');
  await expect(await cell(row, 'Images')).toHaveText('1');
  await expectPicture(row.locator('img'));
  await row.click();
  const preview = page.getByRole('complementary', { name: 'Selected case' });
  await expect(preview).toContainText(INDICATION);
  await expectPicture(preview.locator('img').first());
  expect(await page.evaluate(() => 'sinceBefore' in window), 'the page was never reloaded').toBe(true);
  await expectAccessible(page, 'the worklist');
  await picture(page, '07-worklist');
}

async function readCompressed({ page }: Person): Promise<void> {
  await openCase(page, head.patient);
  await untilShown(page);
  const asStored = await sightOf(viewport(page));
  expect(greyLevels(asStored), 'the CT is not blank').toBeGreaterThan(30);
  const before = await figures(page);
  await leaveText(page);
  await page.keyboard.press('4');
  await expect(viewport(page).getByTestId('overlay')).toContainText('W 2500 L 500');
  expect(before.width).not.toBe(2500);
  expect(difference(asStored, await sightOf(viewport(page))), 'the bone window looks different').toBeGreaterThan(3);
  await picture(page, '08-ct-bone-window');

  await page.getByRole('link', { name: 'Back to the worklist' }).click();
  await openCase(page, ultrasound.patient);
  await untilShown(page, 0);
  const first = await sightOf(viewport(page));
  expect(greyLevels(first), 'the ultrasound is not blank').toBeGreaterThan(30);
  await viewport(page).hover();
  for (let frame = 1; frame <= 10; frame += 1) {
    await page.mouse.wheel(0, 100);
    await untilShown(page, frame);
  }
  await expect(viewport(page).getByTestId('overlay')).toContainText(`Im 11/${ultrasound.frames}`);
  expect(difference(first, await sightOf(viewport(page))), 'another frame looks different').toBeGreaterThan(0.5);
  await picture(page, '09-ultrasound');
  await page.getByRole('link', { name: 'Back to the worklist' }).click();
  await expect(await cell(worklistRow(page, head.patient), 'State')).toHaveText('ready');
}

async function readImages({ page }: Person): Promise<void> {
  await openCase(page, abdomen.patient);
  await untilShown(page);
  const asStored = await sightOf(viewport(page));
  expect(greyLevels(asStored), 'the image is not blank').toBeGreaterThan(30);
  const before = await figures(page);
  await dragOnImage(page, [-60, -40], [80, 60]);
  await expect.poll(async () => (await figures(page)).width).not.toBe(before.width);
  expect(difference(asStored, await sightOf(viewport(page))), 'the new window looks different').toBeGreaterThan(3);

  await leaveText(page);
  await page.keyboard.press('0');
  await expect.poll(async () => (await figures(page)).width).toBe(before.width);
  await page.keyboard.press('l');
  await dragOnImage(page, [-100, 20], [60, 20]);
  await page.getByRole('button', { name: 'Measurements: 1' }).click();
  const list = page.getByRole('region', { name: 'Measurements' });
  const millimetres = Number(/([\d.]+) mm/.exec(await list.innerText())?.[1]);
  const expected = (160 / before.zoom) * abdomen.spacingMm;
  // The zoom on screen is rounded to a percent.
  expect(Math.abs(millimetres / expected - 1), `${millimetres} mm for ${expected} mm`).toBeLessThan(0.02);
  await page.keyboard.press('k');
  await expect(dock(page).getByRole('button', { name: 'Show key image 1' })).toBeVisible();
  await expectAccessible(page, 'the reading screen');
  await picture(page, '10-reading');
}

async function writeReport({ page, context }: Person): Promise<void> {
  const template = dock(page).getByRole('combobox', { name: 'Template' });
  await template.click();
  await page.getByRole('option', { name: 'CT abdomen and pelvis' }).click();
  await expect(section(page, 'findings')).toHaveValue(/Liver and biliary system/);
  await write(page, 'technique', 'MR of the upper abdomen with contrast.');
  await write(page, 'findings', FINDINGS);
  await untilSaved(page);

  await context.setOffline(true);
  await section(page, 'findings').press('ControlOrMeta+End');
  await section(page, 'findings').pressSequentially(TYPED_OFFLINE);
  await expect(page.getByTestId('save-state')).toHaveAttribute('data-state', 'OFFLINE');
  await picture(page, '11-offline');
  await context.setOffline(false);
  // Not waiting for the text to be saved: this browser has kept it.
  await page.reload();
  await expect(page.getByTestId('claim-state')).toHaveAttribute('data-state', 'HELD');
  await expect(section(page, 'findings')).toHaveValue(FINDINGS + TYPED_OFFLINE);
  await untilShown(page);
  // By the keyboard: the placeholder is selected, and what is typed takes its place.
  await expect(section(page, 'impression')).toHaveValue(/^\[.+\]$/);
  await section(page, 'impression').focus();
  await page.keyboard.insertText(IMPRESSION);
  await expect(section(page, 'impression')).toHaveValue(IMPRESSION);
  await untilSaved(page);
  await picture(page, '12-report');
}

async function signReport({ page, account }: Person): Promise<void> {
  await sign(page, account.password);
  const signed = page.getByTestId('signed-version');
  await expect(signed).toContainText(IMPRESSION);
  await expect(signed.getByTestId('sha256')).toContainText(/SHA-256 [0-9a-f]{64}/);
  await expect(signed.getByRole('button', { name: 'Open as PDF' })).toBeVisible();
  await expectAccessible(page, 'the signed report');
  await picture(page, '13-signed');
}

async function fetchReport({ page }: Person): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Which cases' }).getByText('Reported', { exact: true }).click();
  await expect(caseRow(page, abdomen.patientId)).toContainText('Delivered');
  await caseRow(page, abdomen.patientId).getByRole('link').click();
  await page.getByRole('button', { name: 'Open report' }).click();
  await expect(page.getByRole('article', { name: 'Version 1' })).toContainText(FINDINGS + TYPED_OFFLINE);
  const pdf = await downloadPdf(page);
  keep('14-report.pdf', pdf);
  expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  await expect(page.getByRole('region', { name: 'Deliveries' })).toContainText('Read');
  await expectAccessible(page, 'a delivered case');
  await picture(page, '14-delivered');
}

async function administer(person: Person): Promise<void> {
  const { page } = person;
  await signIn(person);
  await page.goto('/cases?show=all');
  await expect(caseRow(page, abdomen.patientId)).toBeVisible();
  await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name: 'Administration' }).click();
  await expect(page.getByRole('table', { name: 'Members' })).toBeVisible();
  await expectAccessible(page, 'the members');
  await picture(page, '15-members');
  await openPage(page, 'Facilities');
  await addFacility(page, { name: 'Harbour Radiology', code: 'HARBOUR', email: 'reports@harbour.example' });
  await picture(page, '16-facilities');
  await openPage(page, 'Background work');
  await page.getByRole('radiogroup', { name: 'State' }).getByText('Done', { exact: true }).click();
  await expect(page.getByRole('table', { name: 'Background work' }).getByRole('row').nth(1)).toBeVisible();
  await expectAccessible(page, 'the background work');
  await picture(page, '17-jobs');
  await openPage(page, 'Audit trail');
  await expect(page.getByRole('table', { name: 'Audit trail' }).getByRole('row').filter({ hasText: /sign/i }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Verify the trail' }).click();
  await expect(page.getByText(/^Intact: \d+ events$/)).toBeVisible();
  await expectAccessible(page, 'the audit trail');
  await picture(page, '18-audit');
}
