/** axe-core on a screen as it stands: WCAG 2.0 to 2.2, levels A and AA. */
import type { Page } from '@playwright/test';
import axe from 'axe-core';
import { expect } from './people';

const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Evaluated, not added as a script element: the page's own policy forbids scripts from elsewhere.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (standards) => {
    const { axe: injected } = window as unknown as { axe: typeof axe };
    const result = await injected.run(document, { runOnly: { type: 'tag', values: standards }, resultTypes: ['violations'] });
    return result.violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary ?? ''}`),
    }));
  }, STANDARDS);
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave, `accessibility of ${screen}`).toEqual([]);
}
