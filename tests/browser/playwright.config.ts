/** How the browser tests run: Debian's Chromium, drawing in software, one program for all of them. */
import { defineConfig } from '@playwright/test';
import { artifacts } from './support/artifacts';

export default defineConfig({
  testDir: '.',
  outputDir: `${artifacts}/failures`,
  // The tests share one program and the machine's two cores.
  workers: 1,
  forbidOnly: true,
  reporter: [['line']],
  // Nothing here asserts a duration; these only end what hangs, on a machine that compiles at the same time.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    screenshot: 'only-on-failure',
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        // WebGL2 without a graphics card.
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        // Containers and CI run as root.
        '--no-sandbox',
        '--disable-dev-shm-usage',
        // No request of the browser's own may leave the machine.
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
