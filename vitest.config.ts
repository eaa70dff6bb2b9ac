import { defineConfig } from 'vitest/config';

/** They start servers and hold them to promises of 500 ms, or use every core themselves: one file at a time, when nothing else runs. */
const ALONE = [
  'packages/server/test/**/*.test.ts',
  'packages/watertight/test/{coverage,leaky-chat,scenarios,specimen}.test.ts',
  'examples/**/*.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // What hangs is ended; nothing is timed by these, and machines are busy.
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxConcurrency: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'black box',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
