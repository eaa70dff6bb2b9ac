import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One test of these suites fails, and has to: run by the tests beside this folder alone. */
export default defineConfig({
  test: {
    include: ['*.suite.ts'],
    setupFiles: [fileURLToPath(new URL('../../../../../scripts/leak-guard.setup.ts', import.meta.url))],
    testTimeout: 120_000,
  },
});
