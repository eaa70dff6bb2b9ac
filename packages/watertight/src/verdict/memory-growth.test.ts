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
  expect(judgeMemory(growing(24_000, 29, 33, 38, 200, 400))).toMatchObject({
    is: 'leak',
    perCycle: 24_000,
    exact: false,
  });
  expect(judgeMemory(growing(250_000, 29, 33, 38))).toMatchObject({ is: 'leak' });
});

test('[AL2] growth as steady that comes to no more than a process takes to warm up is looked at for longer', () => {
  const growth = judgeMemory(growing(24_000, 29, 33, 38));
  expect(growth).toEqual({
    is: 'undecided',
    why: '2400000 bytes after 100 cycles: a process that warms up takes as much',
  });
});

test('[AL2] growth by less than 16 KiB with every cycle is told and not judged', () => {
  expect(judgeMemory(growing(16_000, 29, 33, 38, 200, 400))).toBeUndefined();
});
