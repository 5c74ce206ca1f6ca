/** Pictures and logs of a run. They show patients of sample files, so the folder is never committed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';

export const artifacts = path.resolve(__dirname, '../../artifacts');

/** Keeps a picture of the page for somebody to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(artifacts, { recursive: true });
  // Buttons, toasts and thumbnails come in softly; the picture is of the page at rest.
  await page.screenshot({ path: path.join(artifacts, `${name}.png`), animations: 'disabled', caret: 'hide' });
}

/** Keeps something the program made, for the same reason. */
export function keep(name: string, bytes: Uint8Array): void {
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(path.join(artifacts, name), bytes);
}
