import { expect, test } from 'vitest';
import { delayBefore } from './backoff.ts';
import { CLOSE_CODE_VERDICTS, HTTP_STATUS_VERDICTS, verdictOf } from './verdicts.ts';

test.each([
  [{ code: 1006, reason: '' }, 'retry', null],
  [{ code: 1012, reason: 'factory-closed;retry=1000' }, 'retry-later', 1000],
  [{ code: 4429, reason: 'user-limit;retry=5000' }, 'retry-later', 5000],
  [{ code: 4401, reason: 'unauthenticated' }, 'do-not-retry', null],
  [{ code: 1006, reason: '', httpStatus: 429, retryAfter: '5' }, 'retry-later', 5000],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'Thu, 01 Jan 1970 00:00:12 GMT' }, 'retry-later', 2000],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'soon' }, 'retry-later', null],
  [{ code: 1006, reason: '', httpStatus: 431 }, 'do-not-retry', null],
  [{ code: 4000, reason: ';retry=99999999999' }, 'retry', null],
  // The longest that a server can be told to ask for.
  [{ code: 1012, reason: 'draining;retry=2147483647' }, 'retry-later', 2147483647],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: '2147483647' }, 'retry-later', 2147483647000],
  // Neither seconds nor a date, though `Date.parse` makes one of each.
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: '-5' }, 'retry-later', null],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: '120.5' }, 'retry-later', null],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'Thursday, 01-Jan-70 00:00:12 GMT' }, 'retry-later', 2000],
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'Thu Jan  1 00:00:12 1970' }, 'retry-later', 2000],
  // No form of HTTP, but no other moment either.
  [{ code: 1006, reason: '', httpStatus: 503, retryAfter: 'Wed, 31 Dec 1969 19:00:12 -0500' }, 'retry-later', 2000],
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

test('[Z1] what only others send has a verdict too, each row of both tables', () => {
  const never = [1002, 1003, 1007, 1008, 1009, 1010, 4401, 4403, 4409, 4410];
  const later = [1011, 1012, 1013, 4429];
  const rows = (codes: readonly number[], retry: string): [string, string][] =>
    codes.map((code) => [String(code), retry]);
  expect(Object.entries(CLOSE_CODE_VERDICTS)).toEqual(
    [...rows(never, 'do-not-retry'), ...rows(later, 'retry-later')].toSorted(([a], [b]) => Number(a) - Number(b)),
  );
  expect(Object.entries(HTTP_STATUS_VERDICTS)).toEqual([
    ...rows([408, 421, 425], 'retry'),
    ...rows([429], 'retry-later'),
  ]);
});
