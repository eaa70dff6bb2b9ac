import { expect, test } from 'vitest';

import { changesBetween } from '../../dashboard/src/changes.ts';
import type { Change } from '../../dashboard/src/index.ts';
import { applyChanges } from '../src/dashboard/apply-changes.ts';
import { hrefOfUser, routeOf } from '../src/dashboard/address.ts';
import { type Series, seriesOf, withLook } from '../src/dashboard/series.ts';
import type { Overview } from '../src/dashboard/types.ts';
import { durationText, shortPlace } from '../src/text.ts';

test('[DB8] what the server says has changed makes the new state of the old, and leaves the rest as it is', () => {
  const before = { a: 1, b: { c: [1, { d: 2 }], e: null }, f: { g: 1 } };
  const after = { a: 1, b: { c: [1, { d: 3 }], e: 'x' }, f: { g: 1 } };
  const told = JSON.parse(JSON.stringify(changesBetween(before, after))) as readonly Change[];
  const applied = applyChanges(before, told);
  expect(applied).toEqual(after);
  expect(before.b.c[1]).toEqual({ d: 2 });
  expect(applied.f).toBe(before.f);
  expect(applyChanges(before, [])).toBe(before);
  expect(applyChanges(before, [[[], after]])).toBe(after);
});

const look = (second: number, held: number): Overview =>
  ({
    takenAt: new Date(second * 1000).toISOString(),
    process: { heapUsedBytes: 5, loopDelay: { p99Ms: 2 } },
    factories: [{ name: 'chat', perSecond: null, stats: { active: held, pending: 0, connections: held } }],
  }) as unknown as Overview;

test('[DB12] the page goes on where the history of the server ends, and keeps no more than so many points', () => {
  const columns = { held: [1, 2], connections: [1, 2], createdPerSecond: [0, 0], refusedPerSecond: [0, 0] };
  const history = {
    atMs: [1000, 2000],
    process: { heapUsedBytes: [1, 1], loopDelayMs: [0, 0] },
    factories: { chat: columns },
  };
  let series: Series = seriesOf(history, 'chat');
  expect(withLook(series, look(2, 9), 'chat')).toBe(series);
  expect(withLook(series, look(3, 9), 'other')).toBe(series);
  series = withLook(series, look(3, 9), 'chat');
  expect([series.at, series.held, series.heapUsedBytes]).toEqual([
    [1, 2, 3],
    [1, 2, 9],
    [1, 1, 5],
  ]);
  for (let second = 4; second < 1200; second += 1) series = withLook(series, look(second, second), 'chat');
  expect([series.at.length, series.held.length, series.at.at(-1)]).toEqual([900, 900, 1199]);
});

test.each(['ada', 'a/b?c#d', '%', '100 %41', '<img src=x>', 'ada\u202e', 'ü 😀'])(
  '[DB20] the address of user %j leads to that user',
  (user) => {
    expect(routeOf(hrefOfUser(user))).toEqual({ page: 'user', user });
    expect(routeOf(hrefOfUser(user, 'a/b'))).toEqual({ page: 'user', user, factory: 'a/b' });
  },
);

test('[DB20] an address that is none leads to the overview', () => {
  expect(routeOf('')).toEqual({ page: 'overview' });
  expect(routeOf('#/nowhere')).toEqual({ page: 'overview' });
  expect(routeOf('#/ends')).toEqual({ page: 'ends' });
  expect(routeOf('#/user/%E0%A4%A')).toEqual({ page: 'user', user: '%E0%A4%A' });
});

test('[DB19] durations are told by their two largest units', () => {
  expect([0.4, 840, 2000, 125_000, 3_600_000, 273_600_000].map(durationText)).toEqual([
    '0 ms',
    '840 ms',
    '2 s',
    '2 min 5 s',
    '1 h',
    '3 d 4 h',
  ]);
  expect(shortPlace('file:///srv/app/src/chat/room.ts:12')).toBe('…/src/chat/room.ts:12');
  expect(shortPlace('room.ts:12')).toBe('room.ts:12');
});
