import { expect, test } from 'vitest';
import { bindJest } from '../../src/jest-binding.ts';
import { runNodeTests, runVitest } from './runner-process.ts';

test('[TK17] the guard around our own tests fails one that leaves a timer, and none that takes it away in any hook', async () => {
  const output = await runVitest(['run', 'left']).ended;
  expect(output).toContain('LeftoverError: "[TK17] leaves an interval" left behind, 500 ms after its end:');
  expect(output).toMatch(/- interval of 60000 ms, made at \S*left\.suite\.ts:9:10/);
  expect(output).toMatch(/Tests {2}1 failed \| 2 passed \(3\)/);
});

test('[TK17] with node:test what goes by `t.after` is no leftover either', async () => {
  const output = await runNodeTests(['left.test-file.mjs']).ended;
  expect(output).toContain('"leaves an interval" left behind');
  expect(output).toMatch(/^# pass 2$/m);
  expect(output).toMatch(/^# fail 1$/m);
});

test('[TK22] with node:test the streams of the runner itself fail no test', async () => {
  const output = await runNodeTests(['many.test-file.mjs']).ended;
  expect(output).not.toContain('left behind');
  expect(output).toMatch(/^# pass 40$/m);
});

test("[TK23] with node:test what a subtest makes is the test's it belongs to", async () => {
  const output = await runNodeTests(['subtests.test-file.mjs']).ended;
  expect(output).not.toContain('a test began before');
  expect(output).toContain('"has a subtest that leaves an interval" left behind');
  expect(output).toMatch(/^not ok 3 - has a subtest that leaves an interval$/m);
  expect(output).toMatch(/^# fail 1$/m);
});

test('[TK29] with Vitest a guard names what was left, however short the time-out of hooks is', async () => {
  const output = await runVitest(['run', 'left', '--hookTimeout=200']).ended;
  expect(output).not.toContain('Hook timed out');
  expect(output).toContain('"[TK17] leaves an interval" left behind, 500 ms after its end:');
});

test('[TK29] with Jest the hook of a guard has longer than the guard takes', () => {
  const SETTLE_MS = 8_000;
  const timeoutsMs: number[] = [];
  const { leakGuard } = bindJest({
    expect: { extend: () => undefined, getState: () => ({}) },
    beforeEach: () => undefined,
    afterEach: (_run, timeoutMs) => void timeoutsMs.push(timeoutMs),
    afterAll: (run) => run(),
  });
  leakGuard({ settleMs: SETTLE_MS });
  expect(timeoutsMs).toHaveLength(1);
  expect(timeoutsMs[0]).toBeGreaterThan(SETTLE_MS);
});
