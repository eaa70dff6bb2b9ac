import { describe, it, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { leakGuard } from 'watertight/node-test';

leakGuard({ settleMs: 100 });

void test('has subtests', async (context) => {
  const beat = setInterval(() => undefined, 60_000);
  await context.test('of its own', async (sub) => await sub.test('which have some', () => wait(1)));
  await context.test('and another', () => wait(1));
  clearInterval(beat);
});

void test('has subtests at the same time', async (context) => {
  await Promise.all([context.test('one', () => wait(5)), context.test('another', () => wait(5))]);
});

void test('has a subtest that leaves an interval', async (context) => {
  await context.test('this one', () => void setInterval(() => undefined, 60_000).unref());
});

void describe('a suite', () => {
  void it('has a test', async (context) => await context.test('with a subtest', () => wait(1)));
});
