import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack } from './packed.ts';
import { TypedProject, type TypedRunner } from './typed-project.ts';

const ENDS_WITHIN_MS = 600_000;

/** Read by the compiler alone. A type that is empty or `any` leaves an error that is expected without one. */
const USES_OF_THE_KIT = `
import { expectNoLeaks, expectHoldAtMost, FakeClock, LeakError, leakGuard, ResourceLeakTracker, startServer } from 'watertight/ENTRY';
import type { ExpectNoLeaksOptions, StartedServer } from 'watertight/ENTRY';

export async function uses(options: ExpectNoLeaksOptions): Promise<string> {
  leakGuard({ settleMs: 100 });
  const server: StartedServer = await startServer({ command: ['node', 'server.mjs'] }, { path: '/' });
  const { verdict } = await expectNoLeaks(server, options);
  // @ts-expect-error verdicts are words
  const wrong: number = verdict;
  // @ts-expect-error a limit is a number
  await expectNoLeaks(server, { limit: '20' });
  // @ts-expect-error a command is a list of words
  await startServer({ command: 'node server.mjs' });
  // @ts-expect-error what counts answers a number
  await expectHoldAtMost(() => 'many', 20);
  const clock: FakeClock = new FakeClock();
  await clock.advance(1_000);
  const tracker: ResourceLeakTracker = new ResourceLeakTracker();
  tracker.assertClean();
  const error: unknown = new Error();
  MATCHERS
  return error instanceof LeakError ? error.result.verdict : String(wrong);
}
`;
const MATCHERS = `await expect(server).toReleaseWithin(500);
  await expect(() => 0).toHoldAtMost(20);
  await expect(server).not.toLeaveNothingBehind({ cycles: 12 });
  // @ts-expect-error milliseconds are a number
  await expect(server).toReleaseWithin('500');`;

const usesOf = (entry: string, matchers = MATCHERS, imports = ''): string =>
  imports + USES_OF_THE_KIT.replaceAll('ENTRY', entry).replace('MATCHERS', matchers);

const RUNNERS: readonly TypedRunner[] = [
  {
    name: 'vitest',
    packages: ['vitest', 'typescript', '@types/node@20'],
    files: {
      'package.json': { type: 'module' },
      'uses.ts': usesOf('vitest', MATCHERS, `import { expect } from 'vitest';\n`),
    },
  },
  {
    name: 'jest',
    packages: ['jest', 'ts-jest', '@types/jest', 'typescript@5', '@types/node@20'],
    files: {
      'package.json': {},
      'jest.config.js': `module.exports = { preset: 'ts-jest' };\n`,
      'uses.ts': usesOf('jest'),
      'uses-module.mts': usesOf('jest'),
    },
  },
  {
    name: 'node',
    packages: ['tsx', 'typescript', '@types/node@20'],
    files: { 'package.json': {}, 'uses.mts': usesOf('node-test', '') },
  },
];

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  packed = await pack();
});
afterAll(() => rmSync(packed.folder, { recursive: true, force: true }));

test.each(RUNNERS)(
  '[TK12] in a project in TypeScript the test that init wrote compiles, fails with $name, and passes once the mistake is out',
  { timeout: ENDS_WITHIN_MS },
  async (runner) => {
    using project = new TypedProject(runner);
    await project.install(packed.tarballs);
    const command = (await project.init()).split(' ');
    expect(command.at(-1)).toMatch(/^leaks\.test\.m?ts$/);
    await project.mustRun(['npx', 'tsc']);
    const leaky = await project.run(command);
    expect(leaky.output).toMatch(/Session per connection/);
    expect(leaky.output).toContain('server.mjs:13');
    expect(leaky.exitCode).toBe(1);
    project.repair();
    await project.mustRun(command);
  },
);
