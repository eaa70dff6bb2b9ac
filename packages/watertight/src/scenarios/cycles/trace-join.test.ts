import { expect, test } from 'vitest';

import { PlaceResolver } from '../../evidence/places.ts';
import type { Finding as Traced } from '../../trace/finding.ts';
import type { FindingKind } from '../../verdict/finding.ts';
import type { Suspect } from '../../verdict/suspects.ts';
import { nameOfSuspect } from './growth-text.ts';
import { joinTrace } from './trace-join.ts';

const facts = { places: new PlaceResolver('/app'), tellingRank: () => 3, ownerRank: () => 0 };

function counted(kind: FindingKind, name: string, perCycle = 1): Suspect {
  return {
    from: 'count',
    series: { kind, key: `${kind}:${name}`, name, counts: [], about: {} },
    growth: { is: 'leak', perCycle, exact: true, low: perCycle, high: perCycle },
  };
}

const handle = (perCycle: number, className: string): Traced => ({
  className,
  signature: [],
  counts: [],
  perCycle,
  exact: true,
  bytesPerCycle: 904,
  carriesAlong: [],
  exampleNode: 0,
  path: undefined,
  place: undefined,
  retainers: { count: 1, atLeast: false, paths: [] },
  fingerprint: '',
});

function joinedBy(
  perCycle: number,
  open: readonly Suspect[],
  className = 'Node / UDPWrap',
): { readonly with: string[]; readonly rest: string[] } {
  const trace = { traced: [handle(perCycle, className)], selfBytes: [352], note: null };
  const { joined, rest } = joinTrace(open, trace, facts);
  const names = joined.flatMap(({ count, alongside }) => (count === undefined ? [] : [count, ...alongside]));
  return { with: names.map(nameOfSuspect), rest: rest.map(nameOfSuspect) };
}

test('[V25] an open handle, its descriptor and its socket are one cause', () => {
  const open = [counted('handles', 'UDPWrap'), counted('descriptors', 'socket'), counted('sockets', 'other')];
  expect(joinedBy(1, open)).toEqual({ with: ['open UDPWrap', 'file descriptor (socket)', 'socket (other)'], rest: [] });
});

test('[V25] so are a class and the handle that goes by its name', () => {
  const open = [counted('handles', 'StatWatcher'), counted('objects', 'StatWatcher')];
  expect(joinedBy(1, open, 'StatWatcher')).toEqual({ with: ['StatWatcher', 'open StatWatcher'], rest: [] });
});

test('[V25] of which not all need be open', () => {
  expect(joinedBy(2, [counted('handles', 'UDPWrap')])).toEqual({ with: ['open UDPWrap'], rest: [] });
});

test('[V25] what the system has more of, or what is no socket, has a cause of its own', () => {
  const open = [counted('handles', 'UDPWrap'), counted('descriptors', 'file'), counted('sockets', 'CLOSE_WAIT', 3)];
  expect(joinedBy(1, open)).toEqual({
    with: ['open UDPWrap'],
    rest: ['file descriptor (file)', 'socket (CLOSE_WAIT)'],
  });
  expect(joinedBy(1, [counted('handles', 'UDPWrap', 2)])).toEqual({ with: [], rest: ['open UDPWrap'] });
});
