import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const DEEP = '**/*.deep.test.ts';
/** They start servers and hold them to promises of 500 ms, or use every core themselves: only after all others, and few at a time. */
const PROMPT = [
  'packages/server/test/{chaos,property,quota/many-nodes}.test.ts',
  'packages/watertight/test/{coverage,scenarios,situations,specimen}.test.ts',
  'examples/**/*.test.ts',
];

/** Whatever a test leaves behind fails it. */
const GUARD = fileURLToPath(new URL('scripts/leak-guard.setup.ts', import.meta.url));

/** They hold servers to 500 ms as well, but wait for most of their time: more of them at once. */
const WAITING = ['packages/server/test/**/*.test.ts'];

/** Deep ones that hold servers to promises as well. */
const DEEP_PROMPT = [
  'packages/watertight/test/{coverage,fleet,leaky-chat,production-set,restart-with-quota,scenarios,situations,soak}.deep.test.ts',
  'packages/server/test/quota/many-nodes.deep.test.ts',
  'examples/**/*.deep.test.ts',
];

/** They take up to two minutes each, on parts that other tests look at as well: only where every test is asked for. */
const DEEPEST = [
  'packages/watertight/projects/*.deep.test.ts',
  'packages/watertight/test/{channels,hard-to-find,languages,large-heap}.deep.test.ts',
  'packages/watertight/test/kit/{in-process,runner-modes}.deep.test.ts',
  'packages/ui/test/report-runs.deep.test.ts',
];

/** They take a minute or more each: begun last, one of them would keep one core busy while the other waits. */
const LONGEST = [
  'stacks',
  'attribution',
  'readme-jest',
  'channels',
  'runner-modes',
  'report-runs',
  'languages',
  'in-process',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.deep.test.ts`));
    return (await super.sort(files)).toSorted((one, other) => order(rank(one)) - order(rank(other)));
  }
}

const order = (rank: number): number => (rank === -1 ? LONGEST.length : rank);

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // A process for each file took as long as what most of them test, and would hide what a file leaves behind.
    isolate: false,
    // What hangs is ended; nothing is timed by these, and machines are busy.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxConcurrency: 2,
    // A failure that cannot be repeated has to say everything the first time.
    chaiConfig: { truncateThreshold: 2_000 },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          setupFiles: [GUARD],
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [DEEP],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'black box',
          include: ['packages/*/test/**/*.test.ts'],
          exclude: [DEEP, ...PROMPT, ...WAITING],
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'prompt',
          include: PROMPT,
          exclude: [DEEP],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: WAITING,
          exclude: [DEEP, ...PROMPT],
          maxWorkers: 6,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'deep',
          include: ['{packages,examples,scripts}/**/*.deep.test.ts'],
          exclude: ['**/node_modules/**', ...DEEPEST, ...DEEP_PROMPT],
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'deepest',
          include: DEEPEST,
          maxWorkers: 4,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'deep prompt',
          include: DEEP_PROMPT,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
