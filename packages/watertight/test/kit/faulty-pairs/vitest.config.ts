import { defineConfig } from 'vitest/config';

/** Every suite here fails, and has to: run by `../faulty-pairs.deep.test.ts` alone. */
export default defineConfig({
  test: { pool: 'forks', root: import.meta.dirname, include: ['*.suite.ts'], testTimeout: 15_000 },
});
