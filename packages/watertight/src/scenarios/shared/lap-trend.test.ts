import { expect, test } from 'vitest';
import { growingOverLaps } from './lap-trend.ts';

const laps = (values: readonly number[]): { readonly cycles: number; readonly counts: { readonly files: number } }[] =>
  values.map((files, index) => ({ cycles: 100 * (index + 1), counts: { files } }));

test('[PS8] what rises with nearly every lap to the end is a trend, with its rate', () => {
  expect(growingOverLaps(laps([10, 12, 14, 16, 18, 20, 22, 24, 26]))).toEqual([
    { name: 'files', grew: 10, perThousand: 20 },
  ]);
  expect(growingOverLaps(laps([10, 12, 13, 13, 16, 19, 18, 22, 25]))).toHaveLength(1);
});

test.each([
  ['what levels off', [10, 20, 30, 40, 50, 50, 50, 50, 50]],
  ['what goes up and down', [10, 18, 11, 19, 10, 18, 11, 19, 16]],
  ['what was opened while it warmed up', [0, 40, 80, 80, 81, 81, 81, 82, 82]],
  ['what stays', [7, 7, 7, 7, 7, 7]],
  ['a single step', [5, 5, 5, 5, 5, 5, 5, 25, 25]],
])('[PS8] %s is none', (_, values) => {
  expect(growingOverLaps(laps(values))).toEqual([]);
});

test('[PS8] too few laps show nothing, either way', () => {
  expect(growingOverLaps(laps([1, 2, 3]))).toBeUndefined();
  expect(growingOverLaps([])).toBeUndefined();
});
