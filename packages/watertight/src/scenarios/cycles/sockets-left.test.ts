import { expect, test } from 'vitest';

import type { Growth } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { socketsLeft } from './sockets-left.ts';

const sockets = (name: string, growth: Growth): Suspect => ({
  from: 'count',
  series: { kind: 'sockets', key: `sockets:${name}`, name, counts: [], about: {} },
  growth,
});
const before = { ESTABLISHED: 20, LISTEN: 1 };
const after = { ESTABLISHED: 200, LISTEN: 1 };

test('[V22] sockets that were seen to go by themselves later are not called kept, and it is said when they go', () => {
  const late = sockets('ESTABLISHED', { is: 'late', afterMs: 34_200 });
  expect(socketsLeft(before, after, 300, [late])).toEqual({
    kept: {},
    late: { 'ESTABLISHED meanwhile': 'socket (ESTABLISHED): late release (after 34.2 s)' },
  });
});

test('[V22] sockets of which nobody saw that are kept, also beside others that go', () => {
  const leak = sockets('ESTABLISHED', { is: 'leak', perCycle: 1, exact: true, low: 1, high: 1 });
  const late = sockets('CLOSE_WAIT', { is: 'late', afterMs: 2_000 });
  expect(socketsLeft(before, after, 300, [leak])).toEqual({ kept: { ESTABLISHED: 180 }, late: {} });
  expect(socketsLeft(before, { ...after, CLOSE_WAIT: 30 }, 300, [late]).kept).toEqual({ ESTABLISHED: 180 });
});
