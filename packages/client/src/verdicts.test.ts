import { expect, test } from 'vitest';
import { delayBefore } from './backoff.ts';
import { verdictOf } from './verdicts.ts';

test.each([
  [{ code: 1006, reason: '' }, 'with-backoff', null],
  [{ code: 1012, reason: 'factory-closed;retry=1000' }, 'with-backoff', 1000],
  [{ code: 4429, reason: 'user-limit;retry=5000' }, 'after-release', 5000],
  [{ code: 4401, reason: 'unauthenticated' }, 'never', null],
  [{ code: 1006, reason: '', httpStatus: 429, retryAfter: '5' }, 'after-release', 5000],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'Thu, 01 Jan 1970 00:00:12 GMT' }, 'with-backoff', 2000],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'soon' }, 'with-backoff', null],
  [{ code: 1006, reason: '', httpStatus: 431 }, 'never', null],
  [{ code: 4000, reason: ';retry=99999999999' }, 'with-backoff', null],
] as const)('[Z1] %j means %s, not before %s ms', (ending, retry, retryAfterMs) => {
  expect(verdictOf(ending, 10_000)).toEqual({ retry, retryAfterMs });
});

test('[Z3] delays double up to their bound, fall anywhere below it, and begin where the server said', () => {
  const backoff = { firstMs: 100, maxMs: 1000 };
  expect([0, 1, 2, 3, 4, 1000].map((attempts) => delayBefore(attempts, null, backoff, 1))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
  expect([0, 0.25, 0.5].map((random) => delayBefore(1, null, backoff, random))).toEqual([0, 50, 100]);
  expect([0, 0.5].map((random) => delayBefore(0, 5000, backoff, random))).toEqual([5000, 5050]);
});
