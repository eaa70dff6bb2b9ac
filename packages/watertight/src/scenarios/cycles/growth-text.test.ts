import { expect, test } from 'vitest';

import type { FindingKind } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { shortList } from './growth-text.ts';

const counted = (kind: FindingKind, name: string, growth: Suspect['growth']): Suspect => ({
  from: 'count',
  series: { kind, key: name, name, counts: [], about: {} },
  growth,
});
const leak = (name: string, perCycle: number): Suspect =>
  counted('collection', name, {
    is: 'leak',
    perCycle,
    exact: Number.isInteger(perCycle),
    low: perCycle - 0.02,
    high: perCycle + 0.02,
  });

test('[N15] what has one name is told once, with all of it and how many there are', () => {
  const alike = [0.16, 0.16, 0.15].map((perCycle) => leak('Array of Object', perCycle));
  expect(shortList([...alike, leak('Set of string', 1)], 6)).toBe(
    '0.47 (0.41–0.53) entry in an Array of Object per cycle (3 of them), 1 entry in a Set of string per cycle',
  );
  const late = counted('handles', 'Timeout', { is: 'late', afterMs: 2_000 });
  expect(shortList([late, late], 6)).toBe('open Timeout: late release (after 2.0 s) (2 of them)');
});

test('[N15] what is not named is counted, one by one', () => {
  const others = ['Map of Seat', 'Set of Seat', 'Set of Seat'].map((name) => leak(name, 1));
  expect(shortList([leak('Array of Seat', 1), ...others], 1)).toBe('1 entry in an Array of Seat per cycle and 3 more');
});
