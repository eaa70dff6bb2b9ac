import { expect, test } from 'vitest';
import { howMany, longReturnEveryMs } from './reconnect-cycles.ts';

test.each([
  [20, 1_800],
  [5, 900],
  [20, 90_000],
])('[PS12] at a limit of %i a thousand come back although silence takes %i ms to be found', (limit, silenceMs) => {
  const world = { limit, silenceMs, deadlineMs: 500, isLong: true };
  expect(howMany(world, longReturnEveryMs(world))).toBe(1_000);
});

test('[PS12] without a promise about silence the limit is not filled with lost ones', () => {
  const world = { limit: 20, silenceMs: undefined, deadlineMs: 500, isLong: true };
  expect(howMany(world, longReturnEveryMs(world))).toBe(20);
});
