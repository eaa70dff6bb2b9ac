import { expect, test } from 'vitest';
import type { Counted } from './counts-over-time.ts';
import { judgeMemory } from './memory-growth.ts';

/** Looks of a process that takes so many bytes with each cycle. */
function growing(bytesPerCycle: number, ...windows: readonly number[]): readonly Counted[] {
  let count = 40_000_000;
  const counted: Counted[] = [{ cycles: 0, atMs: 0, count }];
  for (const [index, cycles] of windows.entries()) {
    count += bytesPerCycle * cycles;
    counted.push({ cycles, atMs: 1_000 * (index + 1), count });
  }
  return counted;
}

test('[AL2] growth that is steady and large convicts', () => {
  expect(judgeMemory(growing(24_000, 29, 33, 38, 200, 400), 'counted')).toMatchObject({
    is: 'leak',
    perCycle: 24_000,
    exact: false,
  });
  expect(judgeMemory(growing(600_000, 29, 33, 38), 'counted')).toMatchObject({ is: 'leak' });
});

test('[AL2] growth as steady that comes to no more than may wait to be collected is looked at for longer', () => {
  const growth = judgeMemory(growing(24_000, 29, 33, 38), 'counted');
  expect(growth).toEqual({
    is: 'undecided',
    why: '2400000 bytes after 100 cycles: as much may wait to be collected',
  });
});

test('[AL2] where a collector comes at some time, more may wait for it', () => {
  const steady = growing(50_000, 29, 33, 38, 200, 400, 600);
  expect(judgeMemory(steady, 'collected')).toMatchObject({ is: 'undecided' });
  expect(judgeMemory(growing(200_000, 29, 33, 38, 200, 400, 600), 'collected')).toMatchObject({ is: 'leak' });
});

test('[AL2] growth by less than 16 KiB with every cycle is told and not judged', () => {
  expect(judgeMemory(growing(16_000, 29, 33, 38, 200, 400), 'counted')).toBeUndefined();
});

test('[AL2] growth that is large on the whole, and less than 16 KiB a cycle in one window, is no leak', () => {
  const leaps = [150_000, 120_000, 15_000, 160_000, 130_000];
  let count = 40_000_000;
  const counted: Counted[] = [{ cycles: 0, atMs: 0, count }];
  for (const [index, bytesPerCycle] of leaps.entries()) {
    count += bytesPerCycle * 100;
    counted.push({ cycles: 100, atMs: 1_000 * (index + 1), count });
  }
  expect(judgeMemory(counted, 'counted')).toBeUndefined();
});
