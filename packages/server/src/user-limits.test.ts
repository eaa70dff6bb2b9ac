import { expect, test } from 'vitest';
import { InvalidOptionsError, WatertightError } from './errors.ts';
import { createManagerFactory } from './factory.ts';
import { Bench, recordEvents } from '../test/factory-kit.ts';

const WITHOUT = { withoutConnection: true } as const;

test('[A20] a raised limit holds from now on, and a lowered one ends nobody', () => {
  const bench = new Bench({ maxManagersPerUser: 2, emergencyThreshold: false });
  bench.managers(2);
  bench.factory.setOverride('ada', { maxManagers: 4 });
  bench.managers(2);
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'user-limit', limit: 4, held: 4 });
  bench.factory.setOverride('ada', { maxManagers: 1 });
  expect(bench.held()).toBe(4);
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'user-limit', limit: 1, held: 4 });
  bench.managers(2, 'bob');
  expect(bench.factory.tryAdmit({ user: 'bob' }, WITHOUT)).toMatchObject({ limit: 2 });
});

test('[A20] Infinity is no limit, and a cleared override is none', () => {
  const bench = new Bench({ maxManagersPerUser: 1, emergencyThreshold: false });
  bench.factory.setOverride('ada', { maxManagers: Infinity });
  bench.managers(100);
  expect(bench.factory.usage('ada')).toMatchObject({ held: 100, limit: false });
  expect([bench.factory.clearOverride('ada'), bench.factory.clearOverride('ada')]).toEqual([true, false]);
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'user-limit', limit: 1 });
});

test('[A20] 0 refuses whoever comes as banned, is no limit hit, and ends nobody', async () => {
  const bench = new Bench();
  const manager = bench.manager();
  bench.factory.setOverride('ada', { maxManagers: 0 });
  const refusal = await bench.factory.admit({ user: 'ada' }, WITHOUT);
  expect(refusal).toMatchObject({ reason: 'banned', httpStatus: 403, closeCode: 4403, retry: 'do-not-retry' });
  expect([manager.state, bench.factory.stats().limitHits, bench.factory.stats().emergency.runs]).toEqual([
    'active',
    0,
    0,
  ]);
  await bench.factory.closeAllForUser('ada');
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'banned', held: 0 });
});

test.each([-1, 1.5, Number.NaN, 2 ** 60, '3' as unknown as number, undefined as unknown as number])(
  '[A20] an override of %s is refused with what is allowed',
  (maxManagers) => {
    const bench = new Bench();
    expect(() => bench.factory.setOverride('ada', { maxManagers })).toThrow(/a whole number from 0, or Infinity/);
    expect(bench.factory.overrides()).toEqual([]);
  },
);

test('[A20] in the options 0 and Infinity stay invalid', () => {
  for (const maxManagersPerUser of [0, Infinity])
    expect(() => createManagerFactory({ maxManagersPerUser })).toThrow(InvalidOptionsError);
});

test('[A20] an override for what is no user id is refused without repeating it', () => {
  const bench = new Bench();
  expect(() => bench.factory.setOverride('x'.repeat(300), { maxManagers: 1 })).toThrow(/user has 300 characters/);
});

test('[A21] overrides are listed and counted, and the one beyond maxOverrides is refused', () => {
  const bench = new Bench({ maxOverrides: 2 });
  bench.factory.setOverride('ada', { maxManagers: 0 });
  bench.factory.setOverride('bob', { maxManagers: Infinity });
  bench.factory.setOverride('bob', { maxManagers: 7 });
  expect(() => bench.factory.setOverride('eve', { maxManagers: 1 })).toThrow(WatertightError);
  expect(bench.factory.overrides()).toEqual([
    { user: 'ada', maxManagers: 0 },
    { user: 'bob', maxManagers: 7 },
  ]);
  expect(bench.factory.stats().overrides).toEqual({ count: 2, banned: 1 });
  expect(Object.isFrozen(bench.factory.overrides())).toBe(true);
  bench.factory.clearOverride('ada');
  bench.factory.setOverride('eve', { maxManagers: 1 });
  expect(bench.factory.stats().overrides).toEqual({ count: 2, banned: 0 });
});

test('[A21] the emergency threshold follows the override, and so does its end', async () => {
  const bench = new Bench({ maxManagersPerUser: 100 });
  const states = recordEvents(['watertight:emergency:state']);
  bench.factory.setOverride('ada', { maxManagers: 5 });
  bench.managers(4);
  expect(bench.factory.stats().emergency.runs).toBe(0);
  bench.manager();
  expect(bench.factory.stats().emergency).toMatchObject({ runs: 1, usersInEmergency: 1 });
  bench.factory.setOverride('ada', { maxManagers: 50 });
  expect(bench.factory.stats().emergency.usersInEmergency).toBe(0);
  expect(states.map(({ payload }) => payload['inEmergency'])).toEqual([true, false]);
  bench.factory.setOverride('ada', { maxManagers: 5 });
  await bench.clock.advance(1000);
  bench.factory.tryAdmit({ user: 'ada' }, WITHOUT);
  bench.factory.setOverride('ada', { maxManagers: 0 });
  await bench.factory.closeAllForUser('ada');
  expect(bench.factory.stats().emergency.usersInEmergency).toBe(0);
});

test('[A21] a raised limit raises the number of managers that may be closing', async () => {
  const bench = new Bench({ maxManagersPerUser: 2, emergencyThreshold: false });
  bench.factory.setOverride('ada', { maxManagers: 10 });
  bench.sessions(10, 'ada', { closes: false });
  void bench.factory.closeAllForUser('ada');
  expect(bench.factory.usage('ada')).toMatchObject({ held: 0, closing: 10 });
  bench.factory.clearOverride('ada');
  expect(bench.factory.usage('ada')).toMatchObject({ held: 8, closing: 10, limit: 2 });
  await bench.clock.advance(500);
  expect(bench.factory.usage('ada')).toMatchObject({ held: 0, closing: 0 });
});
