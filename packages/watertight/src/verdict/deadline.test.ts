import { expect, it } from 'vitest';

import { judgeDeadline } from './deadline.ts';

it.each([
  [500, 500, 0, 'held'],
  [499, 500, 900, 'held'],
  [501, 500, 100, 'broken'],
  [501, 500, 101, 'inconclusive'],
  [501, 500, undefined, 'broken'],
  [Number.NaN, 500, 0, 'broken'],
] as const)('[V4] %s ms of %s ms, with a loop delay of %s ms: %s', (elapsedMs, deadlineMs, loopDelayMs, judgement) => {
  expect(judgeDeadline({ elapsedMs, deadlineMs, loopDelayMs })).toBe(judgement);
});
