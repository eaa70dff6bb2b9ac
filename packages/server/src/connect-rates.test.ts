import { expect, test } from 'vitest';
import { MAX_BUCKETS, TokenBuckets } from './token-buckets.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { Bench, recordEvents } from '../test/factory-kit.ts';
import { ManualClock } from '../test/manual-clock.ts';

const WITHOUT = { withoutConnection: true } as const;
const OFF = { maxManagersPerUser: false, emergencyThreshold: false } as const;

/** How many of so many attempts get in. */
function admitted(bench: Bench, count: number, request: { user?: string; remoteAddress?: string } = {}): number {
  let got = 0;
  for (let attempt = 0; attempt < count; attempt += 1)
    if (bench.factory.tryAdmit({ user: 'ada', ...request }, WITHOUT).admitted) got += 1;
  return got;
}

test('[A29] a user may use its burst up at once, and is refused with the time until the next token', () => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerUser: 4, connectBurstMs: 2000 });
  expect(admitted(bench, 10)).toBe(8);
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({
    reason: 'user-rate',
    httpStatus: 429,
    retryAfterMs: 250,
  });
  expect(admitted(bench, 1, { user: 'bob' })).toBe(1);
});

test.each([0.5, 3, 5, 100])('[A29] a bucket of %s a second refills at exactly that rate', async (perSecond) => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerUser: perSecond, connectBurstMs: 4000 });
  expect(admitted(bench, 500)).toBe(Math.max(1, perSecond * 4));
  for (let second = 0; second < 6; second += 2) {
    await bench.clock.advance(2000);
    expect(admitted(bench, 500)).toBe(perSecond * 2);
  }
  await bench.clock.advance(1000 / perSecond - 1);
  expect(admitted(bench, 1)).toBe(0);
  await bench.clock.advance(1);
  expect(admitted(bench, 2)).toBe(1);
});

test('[A29] a bucket is never fuller than its burst, and holds at least one token', async () => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerUser: 0.1, connectBurstMs: 1 });
  await bench.clock.advance(3_600_000);
  expect(admitted(bench, 5)).toBe(1);
  await bench.clock.advance(10_000);
  expect(admitted(bench, 5)).toBe(1);
});

test('[A29] whoever is refused for the rate takes no token and starts nothing', async () => {
  const bench = new Bench({ maxManagersPerUser: 2, maxConnectsPerSecondPerUser: 1, connectBurstMs: 2000 });
  const refusals = recordEvents(['watertight:admission:refused']);
  expect(admitted(bench, 100)).toBe(2);
  expect(refusals).toHaveLength(98);
  expect(bench.factory.stats()).toMatchObject({
    created: 2,
    limitHits: 0,
    refusedByReason: { 'user-rate': 98 },
    emergency: { runs: 0 },
  });
  await bench.clock.advance(1000);
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'user-limit' });
});

test('[A29] the overall rate and the rate of an address refuse with reasons of their own', () => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerAddress: 1, maxConnectsPerSecond: 1, connectBurstMs: 5000 });
  expect(admitted(bench, 20, { remoteAddress: '192.0.2.1' })).toBe(5);
  expect(bench.factory.stats().refusedByReason).toEqual({ 'address-rate': 15 });
  // Those over the rate of their address left the others what there was; it is used up by the five.
  expect(bench.factory.tryAdmit({ user: 'bob', remoteAddress: '192.0.2.2' }, WITHOUT)).toMatchObject({
    reason: 'server-rate',
    httpStatus: 503,
  });
});

test('[A29] an arrival that was screened counts once', () => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerAddress: 1, connectBurstMs: 3000 });
  for (let count = 0; count < 3; count += 1) {
    expect(bench.factory.screen('192.0.2.1')).toBeUndefined();
    const request = { user: 'ada', remoteAddress: '192.0.2.1' };
    expect(bench.factory.tryAdmit(request, { ...WITHOUT, screened: true }).admitted).toBe(true);
  }
  expect(bench.factory.screen('192.0.2.1')).toMatchObject({ reason: 'address-rate' });
  expect(bench.factory.stats().refusedByReason).toEqual({ 'address-rate': 1 });
});

test('[A29] a user id that is not valid gets no bucket', () => {
  const bench = new Bench({ ...OFF, maxConnectsPerSecondPerUser: 1 });
  expect(bench.factory.tryAdmit({ user: 'x'.repeat(1000) })).toMatchObject({ reason: 'invalid-user' });
  expect(bench.factory.stats().connectRates.trackedUsers).toBe(0);
});

test('[A30] a full bucket is forgotten, and then no deadline is armed for it', async () => {
  const bench = new Bench({
    ...OFF,
    maxConnectsPerSecondPerUser: 1,
    maxConnectsPerSecondPerAddress: 1,
    connectBurstMs: 3000,
    sweepIntervalMs: false,
  });
  admitted(bench, 1, { user: 'bob', remoteAddress: '192.0.2.2' });
  admitted(bench, 3, { remoteAddress: '192.0.2.1' });
  expect(bench.factory.stats().connectRates).toEqual({ trackedUsers: 2, trackedAddresses: 2 });
  await bench.clock.advance(2000);
  expect(bench.factory.stats().connectRates).toEqual({ trackedUsers: 1, trackedAddresses: 1 });
  await bench.clock.advance(3000);
  expect(bench.factory.stats().connectRates).toEqual({ trackedUsers: 0, trackedAddresses: 0 });
  await bench.clock.advance(2000);
  expect(bench.clock.armed).toBe(0);
});

test('[A30] of more buckets than are kept the one used longest ago is forgotten', async () => {
  const clock = new ManualClock();
  const deadlines = new DeadlineQueue(clock, () => undefined);
  const buckets = new TokenBuckets({ deadlines }, { perSecond: 1, burstMs: 60_000 });
  const tokenOf = (key: string): number => {
    const waitMs = buckets.waitMs(key, clock.now());
    if (waitMs === 0) buckets.take(key, clock.now());
    return waitMs;
  };
  const empty = (key: string): void => {
    while (tokenOf(key) === 0);
  };
  empty('first');
  empty('second');
  for (let index = 0; index < MAX_BUCKETS - 2; index += 1) tokenOf(`filler ${index}`);
  expect(buckets.size).toBe(MAX_BUCKETS);
  tokenOf('one more');
  expect(buckets.size).toBe(MAX_BUCKETS);
  expect([tokenOf('second') > 0, tokenOf('first')]).toEqual([true, 0]);
  await clock.advance(1000);
  expect(buckets.size).toBeLessThan(MAX_BUCKETS);
  await clock.advance(62_000 + 1000 * Math.ceil(MAX_BUCKETS / 5000));
  expect(buckets.size).toBe(0);
});

test('[A29] who is refused for one rate takes no token of another', async () => {
  const rates = { maxConnectsPerSecond: 4, maxConnectsPerSecondPerAddress: 1, maxConnectsPerSecondPerUser: 2 };
  const bench = new Bench({ ...OFF, ...rates, connectBurstMs: 1000 });
  const attempt = (place: number, user: string): unknown => {
    const admission = bench.factory.tryAdmit({ user, remoteAddress: `192.0.2.${place}` }, WITHOUT);
    return admission.admitted ? 'admitted' : admission.reason;
  };
  expect([1, 2, 3, 3].map((place) => attempt(place, 'ada'))).toEqual([
    'admitted',
    'admitted',
    'user-rate',
    'user-rate',
  ]);
  expect([3, 4, 5].map((place) => attempt(place, 'bob'))).toEqual(['admitted', 'admitted', 'server-rate']);
  await bench.clock.advance(250);
  expect(attempt(5, 'cyd')).toBe('admitted');
});
