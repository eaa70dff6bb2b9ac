import { expect, test } from 'vitest';
import { judgeOutsideHeap } from './outside-heap.ts';

const MB = 2 ** 20;

/** A look an hour, 100 connections each. */
const pointsOf = (outsideMb: readonly number[]) =>
  outsideMb.map((mb, look) => ({
    atMs: look * 3_600_000,
    acceptedCount: look * 100,
    openCount: 5,
    heapUsedBytes: 50 * MB,
    outsideHeapBytes: mb * MB,
  }));
const rising = (step: number, count = 13): number[] => Array.from({ length: count }, (_, look) => 10 + look * step);

test('[OB9] memory outside the heap that grows in every part of the time keeps growing', () => {
  expect(judgeOutsideHeap(pointsOf(rising(5)), 6)).toEqual({
    bytes: 60 * MB,
    forMs: 12 * 3_600_000,
    acceptedCount: 1_200,
  });
});

test.each([
  ['what stays as it is', rising(0)],
  ['what has been filled', rising(5).map((mb) => Math.min(mb, 40))],
  ['what comes and goes', rising(5).map((mb, look) => (look % 3 === 0 ? mb : 10))],
  ['what is little', rising(0.5)],
  ['too few looks', rising(50, 5)],
])('[OB9] %s does not', (_what, outsideMb) => {
  expect(judgeOutsideHeap(pointsOf(outsideMb), 6)).toBeUndefined();
});
