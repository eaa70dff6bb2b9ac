import { afterEach, test } from 'node:test';
import { leakGuard } from 'watertight/node-test';

leakGuard();

/** @type {NodeJS.Timeout[]} */
const beats = [];
afterEach(() => {
  for (const one of beats.splice(0)) clearInterval(one);
});

void test('leaves an interval', () => void setInterval(() => undefined, 60_000).unref());

void test('takes it away in a hook of the file', () => void beats.push(setInterval(() => undefined, 60_000)));

void test('takes it away after itself', (context) => {
  const mine = setInterval(() => undefined, 60_000);
  context.after(() => clearInterval(mine));
});
