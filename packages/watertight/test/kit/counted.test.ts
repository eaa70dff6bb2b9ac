import { expect, test } from 'vitest';
import { expectHoldAtMost, expectReleaseWithin, type Counted } from '../../src/vitest.ts';

/** As a caller without types has them. */
const NO_COUNTS: readonly (readonly [what: string, counted: unknown, said: string])[] = [
  [
    'an async function',
    async () => await Promise.resolve(0),
    'answered [object Promise]; expected a number of at least 0; a function that',
  ],
  ['a function that answers nothing', () => undefined, 'answered undefined; expected a number of at least 0'],
  ['a function that answers NaN', () => Number.NaN, 'answered NaN; expected a number of at least 0'],
  ['a function that counts below 0', () => -1, 'answered -1; expected a number of at least 0'],
  ['statistics without counts', { stats: () => ({}) }, 'answered NaN; expected a number of at least 0'],
];

test.each(NO_COUNTS)('[TK26] %s holds to no promise, nor to its opposite', async (_what, given, said) => {
  const counted = given as Counted;
  await expect(expectHoldAtMost(counted, 3)).rejects.toThrow(said);
  await expect(expect(counted).not.toHoldAtMost(3)).rejects.toThrow(said);
  await expect(expectReleaseWithin(counted, 20)).rejects.toThrow(said);
  await expect(expect(counted).not.toReleaseWithin(20)).rejects.toThrow(said);
});

/** Holds the event loop up for so long, as soon as somebody has looked, and lets go at the end of that. */
function releaseLate(busyMs: number): Counted {
  let held = 2;
  let isLookedAt = false;
  const holdUp = (): void => {
    const untilMs = performance.now() + busyMs;
    while (performance.now() < untilMs);
    held = 0;
  };
  return () => {
    if (!isLookedAt) setImmediate(holdUp);
    isLookedAt = true;
    return held;
  };
}

test('[TK26] what is released while the event loop stands still, beyond the time, is neither in time nor late', async () => {
  const said = /whether all 2 were released within 60 ms could not be told: the event loop stood still for \d{3,} ms/;
  await expect(expect(releaseLate(300)).toReleaseWithin(60)).rejects.toThrow(said);
  await expect(expect(releaseLate(300)).not.toReleaseWithin(60)).rejects.toThrow(said);
  await expect(releaseLate(300)).toReleaseWithin(10_000);
});
