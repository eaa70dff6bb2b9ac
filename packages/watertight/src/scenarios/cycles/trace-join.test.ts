import { describe, expect, test } from 'vitest';

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
  placeOf: className,
  fingerprint: '',
});

function joinedBy(
  perCycle: number,
  open: readonly Suspect[],
  className = 'Node / UDPWrap',
): { readonly with: string[]; readonly rest: string[] } {
  const trace = { traced: [handle(perCycle, className)], selfBytes: [352], windows: [61, 97], note: null };
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

/** As a heap shows who keeps a thing: edge and class of each step. */
function keptBy(one: Traced, ...steps: readonly (readonly [name: string, className: string])[]): Traced {
  const path = steps.map(([name, className], id) => ({
    node: id,
    id,
    kind: 'property' as const,
    name,
    className,
    selfBytes: 0,
    foldedCount: 0,
    place: undefined,
    scope: undefined,
  }));
  return { ...one, path: { root: '(global)', steps: path } };
}

function joinedAs(one: Traced, open: readonly Suspect[]): readonly (readonly string[])[] {
  const trace = { traced: [one], selfBytes: [56], windows: [61, 97], note: null };
  const { joined, rest } = joinTrace(open, trace, facts);
  const told = joined.flatMap(({ count, holding, alongside }) => [
    [count, holding].flatMap((it) => (it === undefined ? [] : [nameOfSuspect(it)])),
    alongside.map(nameOfSuspect),
  ]);
  return [...told, rest.map(nameOfSuspect)];
}

describe('what a traced cause is kept by', () => {
  const listening = keptBy(
    handle(0.887, 'onNews()'),
    ['bus', 'EventEmitter'],
    ['_events', 'Object'],
    ['tick', 'Array'],
    ['', 'onNews()'],
  );
  const listener = counted('listeners', 'EventEmitter#tick', 0.89);

  test('[V25] counts it, and is no second cause: the listeners of its event', () => {
    const other = counted('listeners', 'EventEmitter#tock', 0.89);
    expect(joinedAs(listening, [other, listener])).toEqual([
      ['listener on EventEmitter#tick'],
      ['listener on EventEmitter#tick'],
      ['listener on EventEmitter#tock'],
    ]);
  });

  test('[V25] is a cause of its own at another rate, or where it only lies on the way', () => {
    const more = counted('listeners', 'EventEmitter#tick', 2);
    expect(joinedAs(listening, [more])).toEqual([[], [], ['listener on EventEmitter#tick']]);
    const steps = (listening.path?.steps ?? []).map(({ name, className }) => [name, className] as const);
    const below = keptBy(handle(0.887, 'Map'), ...steps, ['seen', 'Map']);
    expect(joinedAs(below, [listener])).toEqual([[], [], ['listener on EventEmitter#tick']]);
  });

  test('[V25] so are listeners of an EventTarget, which a heap does not name, where only one list can be meant', () => {
    const waiting = keptBy(
      handle(1, 'Listener'),
      ['#signal', 'EventTarget'],
      ['<symbol kEvents>', 'Map'],
      ['', 'Object'],
      ['next', 'Listener'],
    );
    const aborting = counted('listeners', 'AbortSignal#abort');
    expect(joinedAs(waiting, [counted('objects', 'Listener'), aborting])).toEqual([
      ['Listener'],
      ['listener on AbortSignal#abort'],
      [],
    ]);
    const two = [aborting, counted('listeners', 'Bus#tick')];
    expect(joinedAs(waiting, two)).toEqual([[], [], ['listener on AbortSignal#abort', 'listener on Bus#tick']]);
  });

  test('[V25] a text that nobody counts is as many as the entries of the collection that keeps it', () => {
    const text = keptBy(handle(1, '(string)'), ['ids', 'Set'], ['', '(string)']);
    const open = [counted('collection', 'Set of WebSocket', 0.89), counted('collection', 'Set of string')];
    expect(joinedAs(text, open)).toEqual([['entry in a Set of string'], [], []]);
  });

  test('[V25] plain objects of which there are more than were traced are told by the entries, not by their class', () => {
    const watcher = keptBy(handle(1, 'Object'), ['watchers', 'Array'], ['', 'Object']);
    const entries = counted('collection', 'Array of Object');
    expect(joinedAs(watcher, [counted('objects', 'Object', 3), entries])).toEqual([
      ['entry in an Array of Object'],
      [],
      [],
    ]);
    expect(joinedAs(watcher, [counted('objects', 'Object'), entries])).toEqual([['Object'], [], []]);
  });

  test('[V25] a timer is the one that is counted by what it calls, and not all timers', () => {
    const timer = handle(1, 'Timeout');
    const beat = counted('timers', 'interval 5000 ms calling beat');
    expect(joinedAs(timer, [counted('objects', 'Timeout', 1.33), beat])).toEqual([
      ['interval 5000 ms calling beat'],
      ['interval 5000 ms calling beat'],
      [],
    ]);
    // Half of the connections leave one, and the other timers of those that stay are no more than a third of all.
    const trace = {
      traced: [{ ...handle(0.5, 'Timeout'), exact: false }],
      selfBytes: [88],
      windows: [61, 97],
      note: null,
    };
    const half = counted('timers', 'interval 5000 ms calling beat', 0.5);
    const { joined } = joinTrace([counted('objects', 'Timeout', 0.67), half], trace, {
      ...facts,
      tellingRank: () => 1,
    });
    expect(joined[0]).toMatchObject({ count: undefined, holding: half });
    const two = [beat, counted('timers', 'interval 900 ms calling poll')];
    expect(joinedAs(timer, two)).toEqual([[], [], ['interval 5000 ms calling beat', 'interval 900 ms calling poll']]);
  });
});
