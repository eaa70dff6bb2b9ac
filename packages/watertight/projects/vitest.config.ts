import { defineConfig } from 'vitest/config';

/** Installs packages from the registry and takes minutes: not part of `npm test`. */
export default defineConfig({
  test: {
    pool: 'forks',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    fileParallelism: false,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
});
