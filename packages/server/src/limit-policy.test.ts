import { expect, test } from 'vitest';
import type { Admission } from './admission.ts';
import type { Manager } from './manager.ts';
import type { LimitAttempt, OnLimitDecision } from './on-limit.ts';
import type { ManagerFactoryOptions } from './options.ts';
import { FakePeer } from '../test/fake-peer.ts';
import { Bench, NEVER, accountsBalance, deferred } from '../test/factory-kit.ts';

const WITHOUT = { withoutConnection: true } as const;

/** At the limit of 3, each 1 s older than the next, nobody suspect. */
async function full(options: ManagerFactoryOptions, user = 'ada'): Promise<{ bench: Bench; managers: Manager[] }> {
  const bench = new Bench({ maxManagersPerUser: 3, heartbeatIntervalMs: 600_000, ...options });
  const managers: Manager[] = [];
  for (let count = 0; count < 3; count += 1) {
    managers.push(bench.manager(user));
    await bench.clock.advance(1000);
  }
  return { bench, managers };
}

/** Lets the emergency cleanup have its turn. */
async function attempt(bench: Bench, user = 'ada'): Promise<Admission> {
  const admission = bench.factory.admit({ user }, WITHOUT);
  await bench.clock.advance(300);
  return admission;
}

test('[A22] evict-oldest ends the one admitted first, which learns why', async () => {
  const bench = new Bench({ maxManagersPerUser: 3, heartbeatIntervalMs: false, onLimit: 'evict-oldest' });
  const sessions = bench.sessions(3);
  await bench.clock.advance(1000);
  sessions[0]?.peer.talk();
  expect((await attempt(bench)).admitted).toBe(true);
  expect(sessions.map(({ peer }) => peer.closes)).toEqual([[{ code: 4410, reason: 'evicted:oldest' }], [], []]);
  expect(bench.factory.stats()).toMatchObject({
    active: 3,
    limitHits: 0,
    released: { byReason: { 'evicted:oldest': 1 } },
  });
});

test('[A22] evict-idle ends the one idle longest, and nobody before evictIdleAfterMs', async () => {
  const bench = new Bench({
    maxManagersPerUser: 3,
    heartbeatIntervalMs: false,
    onLimit: 'evict-idle',
    evictIdleAfterMs: 5000,
  });
  const sessions = bench.sessions(3);
  await bench.clock.advance(3000);
  sessions[0]?.peer.talk();
  sessions[1]?.peer.connection.inbound();
  sessions[2]?.peer.talk();
  expect(await attempt(bench)).toMatchObject({ admitted: false, reason: 'user-limit' });
  await bench.clock.advance(2000);
  expect((await attempt(bench)).admitted).toBe(true);
  expect(sessions.map(({ peer }) => peer.closes)).toEqual([[], [{ code: 4410, reason: 'evicted:idle' }], []]);
});

test('[A22] the emergency cleanup comes first: while it finds a dead one nobody living is evicted', async () => {
  const bench = new Bench({ maxManagersPerUser: 3, heartbeatIntervalMs: 1000, onLimit: 'evict-oldest' });
  const living = bench.sessions(2);
  bench.session('ada', { answers: false });
  await bench.clock.advance(1500);
  expect((await attempt(bench)).admitted).toBe(true);
  expect(living.map(({ manager }) => manager.state)).toEqual(['active', 'active']);
  expect(bench.factory.stats().released.byReason).toEqual({ 'emergency:silent': 1 });
});

test('[A23] nobody is evicted who is pending, has work in flight, or belongs to somebody else', async () => {
  const { bench, managers } = await full({ onLimit: 'evict-oldest' });
  const bystander = bench.manager('bob');
  const [oldest, middle, newest] = managers;
  const gate = deferred();
  const work = oldest?.run(() => gate.promise);
  await newest?.close();
  const pending = bench.factory.admit({ user: 'ada' }, { ...WITHOUT, init: () => gate.promise });
  expect((await attempt(bench)).admitted).toBe(true);
  expect(managers.map(({ state }) => state)).toEqual(['active', 'closed', 'closed']);
  expect([bystander.state, middle?.state]).toEqual(['active', 'closed']);
  gate.resolve();
  await Promise.all([work, pending]);
});

test('[A23] where everybody is at work the attempt is refused', async () => {
  const { bench, managers } = await full({ onLimit: 'evict-oldest' });
  for (const manager of managers) void manager.run(() => NEVER).catch(() => undefined);
  expect(await attempt(bench)).toMatchObject({ admitted: false, reason: 'user-limit', held: 3 });
  expect(bench.held()).toBe(3);
});

test('[A23] the end of work counts as use', async () => {
  const { bench, managers } = await full({ onLimit: 'evict-idle', evictIdleAfterMs: 0 });
  await managers[0]?.run(() => undefined);
  expect((await attempt(bench)).admitted).toBe(true);
  expect(managers.map(({ state }) => state)).toEqual(['active', 'closed', 'active']);
});

test('[A23] nobody is evicted whose end would free no slot', async () => {
  const bench = new Bench({
    maxManagersPerUser: 3,
    maxClosingPerUser: 1,
    emergencyThreshold: false,
    onLimit: 'evict-oldest',
  });
  const sessions = bench.sessions(3, 'ada', { closes: false });
  expect((await bench.factory.admit({ user: 'ada' }, WITHOUT)).admitted).toBe(true);
  expect(await bench.factory.admit({ user: 'ada' }, WITHOUT)).toMatchObject({ admitted: false, reason: 'user-limit' });
  expect(sessions.map(({ manager }) => manager.state)).toEqual(['closing', 'active', 'active']);
});

test('[A24] a function decides by frozen facts of those who may go', async () => {
  const attempts: LimitAttempt[] = [];
  const { bench, managers } = await full({
    onLimit: async (given) => {
      attempts.push(given);
      return { evict: given.candidates[1]?.managerId ?? '' };
    },
  });
  void managers[2]?.run(() => NEVER).catch(() => undefined);
  expect((await attempt(bench)).admitted).toBe(true);
  expect(managers.map(({ state }) => state)).toEqual(['active', 'closed', 'active']);
  expect(bench.factory.stats().released.byReason).toEqual({ 'evicted:chosen': 1 });
  const [seen] = attempts;
  expect(seen).toMatchObject({ user: 'ada', limit: 3, held: 3, sessionId: undefined });
  expect(seen?.candidates.map(({ managerId, ageMs }) => [managerId, Math.round(ageMs / 1000)])).toEqual([
    [managers[0]?.id, 3],
    [managers[1]?.id, 2],
  ]);
  expect([seen, ...(seen?.candidates ?? [])].every((value) => Object.isFrozen(value))).toBe(true);
});

test.each<[string, OnLimitDecision, readonly string[]]>([
  ['reject', 'reject', ['active', 'active', 'active']],
  ['evict-oldest', 'evict-oldest', ['closed', 'active', 'active']],
  ['a manager of nobody', { evict: 'nobody' }, ['active', 'active', 'active']],
])('[A24] a function may answer %s', async (_what, decision, states) => {
  const { bench, managers } = await full({ onLimit: () => decision });
  await attempt(bench);
  expect(managers.map(({ state }) => state)).toEqual(states);
  expect(bench.errors).toEqual([]);
});

test.each<[string, () => OnLimitDecision | Promise<OnLimitDecision>, RegExp]>([
  [
    'throws',
    () => {
      throw new Error('policy is broken');
    },
    /policy is broken/,
  ],
  ['rejects', () => Promise.reject(new Error('policy is broken')), /policy is broken/],
  ['hangs', () => NEVER, /did not answer within 400 ms/],
  ['answers nonsense', () => 'maybe' as OnLimitDecision, /must answer/],
  ['answers null', () => null as unknown as OnLimitDecision, /must answer/],
])('[A24] a function that %s refuses the attempt and is reported', async (_what, onLimit, message) => {
  const { bench, managers } = await full({ onLimit, onLimitTimeoutMs: 400, emergencyThreshold: false });
  const attempting = bench.factory.admit({ user: 'ada' }, WITHOUT);
  await bench.clock.advance(400);
  expect(await attempting).toMatchObject({ admitted: false, reason: 'user-limit' });
  expect(managers.map(({ state }) => state)).toEqual(['active', 'active', 'active']);
  expect(bench.errors.map(({ stage, error }) => [stage, message.test(String(error))])).toEqual([['on-limit', true]]);
  expect(bench.factory.stats().limitHits).toBe(1);
});

test('[A24] what a function answers or throws too late changes nothing and is never unhandled', async () => {
  const gates = [deferred<OnLimitDecision>(), deferred<OnLimitDecision>()];
  let asked = 0;
  const { bench, managers } = await full({
    onLimit: () => gates[asked++]?.promise ?? NEVER,
    onLimitTimeoutMs: 100,
    emergencyThreshold: false,
  });
  const attempts = [bench.factory.admit({ user: 'ada' }, WITHOUT), bench.factory.admit({ user: 'ada' }, WITHOUT)];
  await bench.clock.advance(100);
  gates[0]?.resolve('evict-oldest');
  gates[1]?.reject(new Error('too late'));
  await bench.clock.settle();
  expect((await Promise.all(attempts)).map(({ admitted }) => admitted)).toEqual([false, false]);
  expect(managers.every(({ state }) => state === 'active')).toBe(true);
});

test('[A25] a slot that becomes free while the function decides is taken, and nobody is evicted', async () => {
  const gate = deferred<OnLimitDecision>();
  const { bench, managers } = await full({ onLimit: () => gate.promise, emergencyThreshold: false });
  const attempting = bench.factory.admit({ user: 'ada' }, WITHOUT);
  await managers[2]?.close();
  gate.resolve('evict-oldest');
  expect((await attempting).admitted).toBe(true);
  expect(managers.map(({ state }) => state)).toEqual(['active', 'active', 'closed']);
});

test('[A25] whoever leaves while the function decides takes nothing and costs nobody a place', async () => {
  const gate = deferred<OnLimitDecision>();
  const bench = new Bench({ maxManagersPerUser: 1, onLimit: () => gate.promise, emergencyThreshold: false });
  const manager = bench.manager();
  const late = new FakePeer(bench.factory);
  const attempting = bench.factory.admit({ user: 'ada' }, { connection: late.connection });
  late.connection.end('client-close');
  gate.resolve('evict-oldest');
  expect(await attempting).toMatchObject({ admitted: false, reason: 'client-left' });
  expect(manager.state).toBe('active');
});

test('[A26] tryAdmit evicts nobody', async () => {
  const { bench, managers } = await full({ onLimit: 'evict-oldest' });
  expect(bench.factory.tryAdmit({ user: 'ada' }, WITHOUT)).toMatchObject({ reason: 'user-limit' });
  expect(managers.every(({ state }) => state === 'active')).toBe(true);
});

test('[A26] closing the factory refuses whoever waits for a function, and leaves no timer', async () => {
  const { bench } = await full({ onLimit: () => NEVER, emergencyThreshold: false });
  const attempting = bench.factory.admit({ user: 'ada' }, WITHOUT);
  await bench.factory.close();
  expect(await attempting).toMatchObject({ admitted: false, reason: 'factory-closed' });
  expect(bench.clock.armed).toBe(0);
});

test('[A26] of more than 1 000 attempts that wait for a function the rest is refused at once', async () => {
  let asked = 0;
  const { bench } = await full({
    emergencyThreshold: false,
    onLimit: () => {
      asked += 1;
      return NEVER;
    },
  });
  const attempts = Array.from({ length: 1100 }, () => bench.factory.admit({ user: 'ada' }, WITHOUT));
  await bench.clock.settle();
  expect([asked, bench.factory.stats().limitHits]).toEqual([1000, 100]);
  await bench.clock.advance(1000);
  await Promise.all(attempts);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[A22] of 50 attempts at once with evict-oldest never more than the limit is held', async () => {
  const { bench } = await full({ onLimit: 'evict-oldest' });
  const attempts = Array.from({ length: 50 }, () => bench.factory.admit({ user: 'ada' }, WITHOUT));
  expect(bench.held()).toBe(3);
  await bench.clock.advance(300);
  await Promise.all(attempts);
  expect(bench.held()).toBe(3);
  expect(accountsBalance(bench.factory)).toBe(true);
});

test('[A23] where a user holds more than its limit, which was lowered, one that goes would free no slot: nobody goes', async () => {
  const { bench, managers } = await full({ onLimit: 'evict-oldest' });
  bench.factory.setOverride('ada', { maxManagers: 2 });
  expect(await attempt(bench)).toMatchObject({ admitted: false, reason: 'user-limit', limit: 2, held: 3 });
  expect(managers.map(({ state }) => state)).toEqual(['active', 'active', 'active']);
});

test('[A23] nobody goes for an attempt that the limit of its address refuses all the same', async () => {
  const bench = new Bench({ maxManagersPerUser: 2, maxManagersPerAddress: 1, onLimit: 'evict-oldest' });
  const from = (place: number, user = 'ada'): Promise<Admission> =>
    bench.factory.admit({ user, remoteAddress: `192.0.2.${place}` }, WITHOUT);
  await from(1);
  await from(2);
  await from(3, 'bob');
  const refused = from(3);
  await bench.clock.advance(300);
  expect((await refused).admitted).toBe(false);
  expect(bench.held()).toBe(2);
  // Who comes from where the one comes from that goes gets in.
  const admitted = from(1);
  await bench.clock.advance(300);
  expect((await admitted).admitted).toBe(true);
  expect(bench.factory.stats().released.byReason).toEqual({ 'evicted:oldest': 1 });
});
