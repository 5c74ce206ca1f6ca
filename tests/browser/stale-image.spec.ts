/**
 * A trap of the drawing library: it reports a failed load as done and leaves the image before on screen.
 * Somebody would then read one slice for another.
 */
import type { Page, Route } from '@playwright/test';
import { openCase, untilShown, viewport } from './people/radiologist';
import { picture } from './support/artifacts';
import { expect, signIn, test } from './support/people';
import { difference, greyLevels, remaining, sightOf } from './support/pixels';

/** The demo's head CT, a stack of sixty: the only stroke on the list. */
const HEAD_CT = 'Stroke';

const FAILURES: ReadonlyArray<{ name: string; answer: (route: Route) => Promise<void> }> = [
  { name: 'an image that the program cannot give', answer: (route) => route.fulfill({ status: 500, body: 'broken' }) },
  {
    name: 'an image that arrives as nonsense',
    answer: (route) => route.fulfill({ contentType: 'multipart/related; type="application/octet-stream"; boundary=x', body: '--x\r\n\r\nnonsense\r\n--x--' }),
  },
  { name: 'an image whose connection breaks', answer: (route) => route.abort('connectionreset') },
];

for (const { name, answer } of FAILURES) {
  test(`${name} shows an error plate and never the image before it`, async ({ secondRadiologist }) => {
    const { page } = secondRadiologist;
    await signIn(secondRadiologist);
    await letOnlyTheFirstImageCome(page, answer);
    await openCase(page, HEAD_CT);
    await untilShown(page, 0);
    const before = await sightOf(viewport(page));
    expect(greyLevels(before), 'the first image is there').toBeGreaterThan(30);

    await viewport(page).hover();
    await page.mouse.wheel(0, 100);
    await expect(viewport(page)).toHaveAttribute('data-image-state', 'failed');
    await expect(viewport(page).getByTestId('image-error')).toContainText('This image is not shown');
    await expect(viewport(page).locator('canvas')).toBeHidden();
    await expect(viewport(page).getByTestId('overlay'), 'no figures of an image that is not there').toHaveCount(0);
    const plate = await sightOf(viewport(page));
    expect(remaining(before, plate), 'what is left of the image before').toBeLessThan(0.1);
    await picture(page, `20-${name.replaceAll(' ', '-')}`);

    await page.unrouteAll();
    await viewport(page).getByRole('button', { name: 'Try again' }).click();
    await untilShown(page, 1);
    expect(difference(plate, await sightOf(viewport(page))), 'the image came in the end').toBeGreaterThan(3);
  });
}

/** Whether images are asked for by hand or fetched ahead: the one that came first stays the only one. */
async function letOnlyTheFirstImageCome(page: Page, answer: (route: Route) => Promise<void>): Promise<void> {
  let first: string | undefined;
  await page.route(/\/frames\/\d+/, async (route) => {
    const address = route.request().url();
    first ??= address;
    await (address === first ? route.continue() : answer(route));
  });
}
