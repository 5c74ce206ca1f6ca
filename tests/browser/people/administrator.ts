/** What a reading group's administrator does: invite people, add centres, see what happened and that it is whole. */
import type { Page } from '@playwright/test';
import { expect } from '../support/people';

export async function openPage(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Administration pages' }).getByRole('link', { name }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

export async function invite(page: Page, email: string, role: string): Promise<void> {
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
  await dialog.getByLabel('E-mail').fill(email);
  await dialog.getByLabel('Role').selectOption({ label: role });
  await dialog.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText(`An invitation is on its way to ${email}.`)).toBeVisible();
}

export async function addFacility(page: Page, facility: { name: string; code: string; email: string }): Promise<void> {
  await page.getByRole('button', { name: 'Add facility' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add facility' });
  await dialog.getByLabel('Name').fill(facility.name);
  await dialog.getByLabel('Code').fill(facility.code);
  await dialog.getByLabel('E-mail for reports').fill(facility.email);
  await dialog.getByRole('button', { name: 'Add facility' }).click();
  await expect(page.getByRole('table', { name: 'Facilities' }).getByRole('row').filter({ hasText: facility.code })).toBeVisible();
}

/** Somebody opens the link of their invitation and becomes a member. */
export async function acceptInvitation(page: Page, link: string, name: string, password: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Your name, as it stands on reports').fill(name);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('Repeat the password').fill(password);
  await page.getByRole('button', { name: 'Accept and sign in' }).click();
  await page.getByRole('button', { name: `Account of ${name}` }).waitFor();
}
