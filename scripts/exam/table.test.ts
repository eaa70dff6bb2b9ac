import { expect, it } from 'vitest';

import { caseIds, readCase } from './cases.mjs';
import { isSame, type Row } from './results.mjs';
import { tableOf } from './table.mjs';

const LEAK = readCase('plain-set');
const CONTROL = readCase('control-log-ring');

function row(more: Partial<Row>): Row {
  return {
    variant: 'buggy',
    seed: 1,
    busy: false,
    tool: '0.1.0+00000000',
    node: '20.20.2',
    date: '2026-11-28',
    verdict: 'leak',
    exitCode: 1,
    mark: 'right',
    placeRank: 1,
    placeBy: 'allocated',
    top: { kind: 'collection', name: 'visitors', perCycle: 1, bytesPerCycle: 40, at: 'admit server.mjs:10' },
    findingCount: 1,
    seconds: 8,
    peakBytes: 90e6,
    ...more,
  };
}

it('[B32] the table counts leaks found, places named and false alarms, and shows what was not sat', () => {
  const text = tableOf([
    {
      one: LEAK,
      rows: [
        row({}),
        row({ seed: 2, placeRank: 2 }),
        row({ seed: 3, mark: 'missed', verdict: 'watertight', placeRank: null, top: null }),
      ],
    },
    { one: CONTROL, rows: [row({ variant: 'control', mark: 'false alarm' })] },
  ]);
  expect(text).toContain('Leaks found: 2 of 3 (66.7 %)');
  expect(text).toContain('first finding: 1 of 3 (33.3 %); by one of the first three: 2 of 3 (66.7 %)');
  expect(text).toContain('False alarms on healthy servers: 1 of 1 (100.0 %)');
  expect(text).toContain('| plain-set | buggy (own code) | leak | leak 2/3, watertight 1/3 | 1/3 | 2/3 |');
  expect(text).toContain('| plain-set | fixed (own code) | watertight | not sat |');
});

it('[B32] a row stands for one variant, seed and load', () => {
  expect(isSame(row({}), row({ verdict: 'inconclusive', tool: 'other' }))).toBe(true);
  for (const other of [row({ seed: 2 }), row({ variant: 'fixed' }), row({ busy: true })]) {
    expect(isSame(row({}), other)).toBe(false);
  }
});

it('[B30] every case of the corpus has the one shape, a place to be named where objects stay, and a healthy twin', () => {
  const cases = caseIds().map((id) => readCase(id));
  expect(cases.filter(({ kind }) => kind === 'leak').length).toBeGreaterThanOrEqual(34);
  for (const one of cases.filter(({ kind }) => kind === 'leak')) {
    expect(one.variants.map(({ verdict }) => verdict).sort(), one.id).toEqual(['leak', 'watertight']);
    expect(one.expected.place.length > 0 || one.expected.resource === 'descriptors', one.id).toBe(true);
    expect(one.expected.perCycle, one.id).toMatchObject({ name: expect.any(String) as string });
  }
});
