import { expect, test } from 'vitest';
import { enterUntil } from './enter-until.ts';

const { signal } = new AbortController();
const HOW = { deadlineMs: 60, tellsLateFromNever: true, signal };

/** Places that become free one after another, each so many milliseconds after the one before. */
function placesFreeEvery(everyMs: number): () => Promise<boolean> {
  let freeAtMs = performance.now() + everyMs;
  return async () => {
    if (performance.now() < freeAtMs) return await Promise.resolve(false);
    freeAtMs += everyMs;
    return await Promise.resolve(true);
  };
}

test('[N13] who comes in time, who comes late and who never comes are told apart', async () => {
  expect(await enterUntil(placesFreeEvery(0), 3, HOW)).toMatchObject({ inTime: 3, waitedMs: 0 });
  expect(await enterUntil(placesFreeEvery(700), 2, HOW)).toMatchObject({ inTime: 0, waitedMs: 0 });
  const never = await enterUntil(async () => await Promise.resolve(false), 1, HOW);
  expect(never.inTime).toBe(0);
  expect(never.waitedMs).toBeGreaterThanOrEqual(2_060);
});

test('[N13] of a server known to be faulty nothing is waited for beyond the deadline', async () => {
  const beganAtMs = performance.now();
  const seen = await enterUntil(async () => await Promise.resolve(false), 1, { ...HOW, tellsLateFromNever: false });
  expect(seen).toMatchObject({ inTime: 0, waitedMs: 0 });
  expect(performance.now() - beganAtMs).toBeLessThan(2_000);
});
