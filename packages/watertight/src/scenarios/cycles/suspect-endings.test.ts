import { expect, test } from 'vitest';

import type { FindingKind } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import type { EndingSeen, EndingsSeen } from './endings.ts';
import type { Remainder } from './left-counts.ts';
import { endingsOf } from './suspect-endings.ts';

const counted = (kind: FindingKind, name: string): Suspect => ({
  from: 'count',
  series: { kind, key: name, name, counts: [], about: {} },
  growth: { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 },
});
const after = (ending: EndingSeen['ending'], ...left: readonly Remainder[]): EndingSeen => ({
  ending,
  cycles: 7,
  left,
  sites: new Map(),
});
const left = (kind: Remainder['kind'], name: string): Remainder => ({ kind, name, count: 7 });
const seen: EndingsSeen = {
  endings: [
    after('rst', left('instances', 'Object'), left('collections', 'Set of string'), left('listeners', 'Bus#tick')),
    after('fin', left('instances', 'Seat')),
  ],
  wereTooFew: false,
  vanish: {
    ...after('vanish', left('instances', 'Object'), left('instances', 'Seat'), left('sockets', 'ESTABLISHED')),
    promisedMs: undefined,
    lookedAfterMs: 500,
  },
};

test.each([
  ['objects', 'Object'],
  ['collection', 'Set of string'],
  ['listeners', 'Bus#tick'],
] as const)(
  '[N15] a vanish says nothing of %s of the name %s: neither that it stays nor that it goes',
  (kind, name) => {
    expect(endingsOf(counted(kind, name), seen)).toEqual({ leaking: ['rst'], clean: ['fin'] });
  },
);

test('[N15] a vanish says whether what has a name of its own stays', () => {
  expect(endingsOf(counted('objects', 'Seat'), seen)).toEqual({ leaking: ['fin', 'vanish'], clean: ['rst'] });
  expect(endingsOf(counted('objects', 'Room'), seen)).toBeUndefined();
});

test('[N46] after which endings it stays is not said where too few of each were tried', () => {
  expect(endingsOf(counted('objects', 'Seat'), { ...seen, wereTooFew: true })).toBeUndefined();
});
