import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack, type Ended } from './packed.ts';
import { run } from '../test/kit/runner-process.ts';
import { ReadmeProject } from './readme-project.ts';

const SET_UP_WITHIN_MS = 300_000;
const ENDS_WITHIN_MS = 240_000;

/** One project for all: what is asked is what Jest makes of the kit, not how a project is set up. */
const project = new ReadmeProject('jest');
let packed: Awaited<ReturnType<typeof pack>> | undefined;

beforeAll(async () => {
  packed = await pack();
  await project.setUp(packed.tarballs);
  for (const [name, text] of Object.entries(FILES)) project.write(name, text);
}, SET_UP_WITHIN_MS);
afterAll(() => {
  project[Symbol.dispose]();
  if (packed !== undefined) rmSync(packed.folder, { recursive: true, force: true });
});

/** What leaves, and what lets go; lines are counted below. */
const GUARD = `leakGuard();
test('leaves an interval', () => {
  setInterval(() => undefined, 60_000).unref();
});
test('takes it away', () => {
  clearInterval(setInterval(() => undefined, 60_000));
});
`;
const LETS_GO = `test('lets go', async () => {
  await expectNoLeaks(() => void [new Date()].length, { cycles: 20, noTrace: true });
}, 120_000);
`;
const FILES: Readonly<Record<string, string>> = {
  'guard.test.js': `const { leakGuard } = require('watertight/jest');\n${GUARD}`,
  'module.test.mjs': `import { expectNoLeaks, leakGuard } from 'watertight/jest';\n${GUARD}${LETS_GO}`,
  'lets-go.test.js': `const { expectNoLeaks } = require('watertight/jest');\n${LETS_GO}`,
  'keeps.test.js': `const { expectNoLeaks } = require('watertight/jest');
class Seat {
  places = new Array(50).fill('a place');
}
const seats = [];
test('keeps a seat', async () => {
  const takeSeat = () => void seats.push(new Seat());
  await expectNoLeaks(takeSeat, { cycles: 30, noTrace: true });
}, 120_000);
`,
  // So small that its class has to be counted: the engine may keep some objects of that size for itself.
  'small.test.js': `const { expectNoLeaks } = require('watertight/jest');
class Ticket {
  number = 1;
}
const tickets = [];
test('keeps a ticket', async () => {
  const takeTicket = () => void tickets.push(new Ticket());
  await expectNoLeaks(takeTicket, { cycles: 30, noTrace: true });
}, 120_000);
`,
  'matchers.test.js': `require('watertight/jest');
const server = { command: ['node', 'server.mjs'] };
const quick = { cycles: 12, noTrace: true, settleMs: 300, budgetMs: 20_000 };
test('what holds', async () => {
  await expect({ stats: () => ({ active: 2, pending: 0 }) }).toHoldAtMost(2);
  await expect(() => 3).not.toHoldAtMost(2);
  await expect(() => 0).toReleaseWithin(20);
  await expect(() => 1).not.toReleaseWithin(20);
  await expect(server).not.toLeaveNothingBehind(quick);
}, 120_000);
test('what does not hold, of a count', async () => await expect(() => 3).toHoldAtMost(2));
test('what does not hold, of a server', async () => await expect(server).toLeaveNothingBehind(quick), 120_000);
`,
};

async function jest(...words: readonly string[]): Promise<Ended> {
  return await project.run(['npx', 'jest', ...words]);
}

test(
  '[TK7, TK17] in Jest a leak guard names the test that left an interval, and its line',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { output, exitCode } = await jest('guard');
    expect(output).toContain('"leaves an interval" left behind');
    expect(output).toContain('interval of 60000 ms, made at guard.test.js:4:3');
    expect(output).toMatch(/Tests: +1 failed, 1 passed, 2 total/);
    expect(exitCode).toBe(1);
  },
);

test(
  '[TK6] in Jest the matchers and their opposites hold, and fail with what they saw',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { output } = await jest('matchers');
    expect(output).toContain('3 are held; 2 are allowed');
    expect(output).toContain('Session per connection');
    expect(output).toMatch(/Tests: +2 failed, 1 passed, 3 total/);
  },
);

test(
  '[TK18, TK1] in Jest files at once examine what runs in their process, and what keeps is told with its line, also of a single field',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { output, exitCode } = await jest('--maxWorkers=2', 'keeps', 'lets-go', 'small');
    expect(output).toContain('takeSeat() is not watertight: leak');
    expect(output).toMatch(/allocated +keeps\.test\.js:7:\d+ in takeSeat/);
    expect(output).toMatch(/1 Ticket per call/);
    expect(output).toMatch(/allocated +small\.test\.js:7:\d+ in takeTicket/);
    expect(output).toMatch(/PASS .*lets-go\.test\.js/);
    expect(output).toMatch(/Tests: +2 failed, 1 passed, 3 total/);
    expect(exitCode).toBe(1);
  },
);

test(
  '[TK18, TK4] with --workerThreads Jest is told why nothing in-process can be examined; guards work',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const { output, exitCode } = await jest('--workerThreads', '--maxWorkers=2', 'lets-go', 'guard');
    expect(output).toContain('the tests run in a worker thread');
    expect(output).toContain('jest: no --workerThreads');
    expect(output).toContain('made at guard.test.js:4:3');
    expect(output).toMatch(/Tests: +2 failed, 1 passed, 3 total/);
    expect(exitCode).toBe(1);
  },
);

test('[TK17, TK18] in Jest tests may be ES modules, as the README says', { timeout: ENDS_WITHIN_MS }, async () => {
  const words = ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'module'];
  const { output } = await project.run(words);
  expect(output).toContain('interval of 60000 ms, made at module.test.mjs:4:3');
  expect(output).toMatch(/Tests: +1 failed, 2 passed, 3 total/);
});

test(
  '[TK18] in watch mode of Jest a test is judged anew whenever it changes',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    project.write('watched.test.js', FILES['guard.test.js'] ?? '');
    const watching = run(['node_modules/jest/bin/jest.js', '--watchAll', 'watched'], project.folder);
    await watching.said(/Tests: +1 failed, 1 passed, 2 total/);
    const seen = watching.output().length;
    const repaired = FILES['guard.test.js']?.replace(
      /setInterval.*unref\(\)/,
      'clearInterval(setInterval(() => undefined, 60_000))',
    );
    project.write('watched.test.js', repaired ?? '');
    await watching.said(/Tests: +2 passed, 2 total/, seen);
  },
);
