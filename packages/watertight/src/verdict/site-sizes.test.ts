import { expect, test } from 'vitest';

import type { Site } from '../evidence/series.ts';
import { leftPerCycle } from './site-sizes.ts';

const CYCLES = [9, 10, 11];

/** Objects in three windows by their size in bytes. */
function site(bySize: Readonly<Record<number, readonly number[]>>): Site {
  const sizes = Object.entries(bySize).map(([bytes, windows]) => ({
    bytes: Number(bytes),
    objects: windows.reduce((sum, count) => sum + count, 0),
    windows,
  }));
  const windows = CYCLES.map((cycles, index) => ({
    cycles,
    objects: sizes.reduce((sum, size) => sum + (size.windows[index] ?? 0), 0),
    bytes: sizes.reduce((sum, size) => sum + size.bytes * (size.windows[index] ?? 0), 0),
  }));
  return { site: { key: 'k', stack: [], windows: [], sizes }, windows, bySize: sizes.map((size) => size.windows) };
}

test('[V31] what the engine puts beside it in one window is none of what a connection leaves', () => {
  expect(leftPerCycle(site({ 32: CYCLES, 16: [0, 6, 0], 568: [0, 3, 0], 24: [0, 0, 1] }))).toEqual({
    objects: 1,
    bytes: 32,
  });
});

test('[V31] what one window has more of the same size is none of it either, where the leanest has the same of each cycle', () => {
  expect(leftPerCycle(site({ 32: [9, 13, 11] }))).toEqual({ objects: 1, bytes: 32 });
  expect(leftPerCycle(site({ 32: [10, 13, 12] })).objects).toBeCloseTo(35 / 30);
});

test('[V31] what comes in other sizes every time is counted whole, beside what has the same size every time and alone', () => {
  const text = { 40: [9, 0, 0], 48: [0, 10, 0], 56: [0, 0, 11] };
  const textBytes = (9 * 40 + 10 * 48 + 11 * 56) / 30;
  expect(leftPerCycle(site(text))).toEqual({ objects: 1, bytes: textBytes });
  expect(leftPerCycle(site({ 32: CYCLES, ...text }))).toEqual({ objects: 2, bytes: 32 + textBytes });
});

test('[V31] where no window had cycles nothing is left of any', () => {
  expect(leftPerCycle({ ...site({ 32: [0, 0, 0] }), windows: [] })).toEqual({ objects: 0, bytes: 0 });
});
