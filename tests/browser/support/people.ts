/**
 * The people of a test: each has a browser context of their own, so that nobody sees another's cookies,
 * storage or live connection.
 */
import { type Browser, type BrowserContext, type Page, test as base } from '@playwright/test';
import { type Account, Program } from './program';

export interface Person {
  account: Account;
  context: BrowserContext;
  page: Page;
}

interface People {
  facility: Person;
  radiologist: Person;
  secondRadiologist: Person;
  administrator: Person;
}

export const test = base.extend<People, { program: Program }>({
  program: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the dependencies from the pattern
    async ({}, provide) => {
      const program = await Program.start();
      await provide(program);
      await program.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  baseURL: ({ program }, provide) => provide(program.url),
  facility: ({ browser, program }, provide) => asPerson(browser, program, program.account('FACILITY_STAFF'), provide),
  radiologist: ({ browser, program }, provide) => asPerson(browser, program, program.account('RADIOLOGIST'), provide),
  secondRadiologist: ({ browser, program }, provide) => asPerson(browser, program, program.account('RADIOLOGIST', 1), provide),
  administrator: ({ browser, program }, provide) => asPerson(browser, program, program.account('TENANT_ADMIN'), provide),
});

export { expect } from '@playwright/test';

/** Their page before sign-in. What a page logs as an error fails the test at its end. */
async function asPerson(browser: Browser, program: Program, account: Account, provide: (person: Person) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ baseURL: program.url });
  const page = await context.newPage();
  const crashes: string[] = [];
  page.on('pageerror', (error) => crashes.push(`${account.role}: ${error.stack ?? error.message}`));
  await provide({ account, context, page });
  await context.close();
  if (crashes.length > 0) throw new Error(`the page threw:\n${crashes.join('\n')}`);
}

export async function signIn({ page, account }: Person): Promise<void> {
  await page.goto('/');
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: `Account of ${account.name}` }).waitFor();
}

/** The page is connected: from here on changes come by themselves. */
export async function untilLive(page: Page): Promise<void> {
  await page.getByRole('status').filter({ hasText: /^Live$/ }).waitFor();
}
