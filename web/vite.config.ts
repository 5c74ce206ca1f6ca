import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the program; `make run` listens on 8080. */
const server = process.env.TELERAD_DEV_SERVER ?? 'http://127.0.0.1:8080';

/** Paths the program answers itself; everything else is a page of the portal. */
const served = ['/graphql', '/auth', '/uploads', '/dicomweb', '/reports'];

/** The program answers its own pages only; to it, the development server's pages are its own. */
function proxied(path: string) {
  return { target: server, headers: { origin: server }, ws: path === '/graphql', rewriteWsOrigin: true };
}

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The image loader starts module workers and fetches its codecs' WebAssembly beside them.
  // Pre-bundling it breaks those URLs; its CommonJS dependencies, on the other hand, need it.
  worker: { format: 'es' },
  optimizeDeps: {
    exclude: ['@cornerstonejs/dicom-image-loader'],
    include: [
      'dicom-parser',
      '@cornerstonejs/core',
      '@cornerstonejs/tools',
      '@cornerstonejs/metadata',
      '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs',
      '@cornerstonejs/codec-charls/decodewasmjs',
      '@cornerstonejs/codec-openjpeg/decodewasmjs',
      '@cornerstonejs/codec-openjph/wasmjs',
      '@cornerstonejs/codec-libjxl/decodewasmjs',
    ],
  },
  build: { target: 'es2022', chunkSizeWarningLimit: 4000, assetsInlineLimit: 0 },
  server: {
    port: 5173,
    proxy: Object.fromEntries(served.map((path) => [path, proxied(path)])),
  },
  test: {
    environment: 'happy-dom',
    // Without globals, Testing Library never cleans up between tests.
    globals: true,
    setupFiles: ['src/test/setup.ts'],
    css: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
