import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test, vi } from 'vitest';
import { atEnd, Bench, deferred, NEVER, recordEvents, watch } from '../test/factory-kit.ts';
import { FakePeer, type PeerHabits } from '../test/fake-peer.ts';
import type { ManualClock } from '../test/manual-clock.ts';
import { SlowClock } from '../test/slow-clock.ts';
import { planTurns } from './drain-plan.ts';
import { createManagerFactory } from './factory.ts';
import type { ManagerFactory } from './manager-factory.ts';
import { factoriesOfProcess } from './process-registry.ts';

/** Counts what is left after each step of a drain. */
async function heldAt(bench: Bench, marksMs: readonly number[]): Promise<number[]> {
  const held: number[] = [];
  let atMs = 0;
  for (const markMs of marksMs) {
    await bench.clock.advance(markMs - atMs);
    atMs = markMs;
    held.push(bench.factory.stats().active);
  }
  return held;
}

test('[Y1] readiness flips at once, and whoever comes then is refused with 503 and told when to come back', () => {
  const bench = new Bench();
  bench.session();
  expect([bench.factory.ready, bench.factory.stats().state]).toEqual([true, 'open']);
  void bench.factory.drain({ windowMs: 10_000, retryAfterMs: 2500 });
  expect([bench.factory.ready, bench.factory.stats().state]).toEqual([false, 'draining']);
  expect(bench.factory.tryAdmit({ user: 'ben' })).toMatchObject({
    reason: 'draining',
    httpStatus: 503,
    closeCode: 1012,
    retry: 'retry-later',
    retryAfterMs: 2500,
  });
});

test('[Y15] whoever comes while what is closed last is closed, or later, is told to wait as long as the drain says', async () => {
  const bench = new Bench();
  const told = (): unknown => bench.factory.tryAdmit({ user: 'ben' });
  const meanwhile: unknown[] = [];
  await bench.factory.drain({ windowMs: 0, retryAfterMs: 30_000, closeLast: [() => meanwhile.push(told())] });
  for (const refusal of [...meanwhile, told()])
    expect(refusal).toMatchObject({ reason: 'factory-closed', httpStatus: 503, retryAfterMs: 30_000 });
  const other = new Bench();
  await other.factory.close();
  expect(other.factory.tryAdmit({ user: 'ben' })).toMatchObject({ reason: 'factory-closed', retryAfterMs: 1000 });
});

test('[Y2] closes are spread over the window, with code 1012, and the process is empty at its end', async () => {
  const bench = new Bench({ maxManagersPerUser: false });
  const sessions = bench.sessions(200);
  const drained = bench.factory.drain({ windowMs: 10_500 });
  const [first, half, almost, last] = await heldAt(bench, [100, 5000, 9500, 10_040]);
  expect(first).toBeGreaterThan(190);
  expect(half).toBeGreaterThan(95);
  expect(half).toBeLessThan(105);
  expect(almost).toBeGreaterThan(5);
  expect(last).toBe(0);
  await bench.clock.advance(500);
  expect(await drained).toMatchObject({ managers: 200, closed: 200, hardStopped: 0, left: 0, deadlineMissed: 0 });
  expect(new Set(sessions.flatMap(({ peer }) => peer.closes.map(({ code, reason }) => `${code} ${reason}`)))).toEqual(
    new Set(['1012 drained']),
  );
});

test('[Y2] each close has a random place in its own part of the window, and whoever works comes last', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const turns = planTurns(items, 1000, (item) => item < 10);
  const gaps = turns.map(({ atMs }, index) => atMs - (turns[index - 1]?.atMs ?? 0));
  expect(turns.every(({ atMs }, index) => atMs >= index * 10 && atMs <= (index + 1) * 10)).toBe(true);
  expect(new Set(gaps.map((gap) => gap.toFixed(3))).size).toBeGreaterThan(50);
  expect(
    turns
      .slice(-10)
      .map(({ item }) => item)
      .toSorted((one, other) => one - other),
  ).toEqual(items.slice(0, 10));
  expect(turns.map(({ item }) => item)).not.toEqual(
    planTurns(items, 1000, (item) => item < 10).map(({ item }) => item),
  );
  expect(planTurns([], 1000, () => false)).toEqual([]);
});

test('[Y3] a slot is free when the close is issued, however long the peer takes', async () => {
  const bench = new Bench();
  bench.sessions(4, 'ada', { closes: false });
  void bench.factory.drain({ windowMs: 0 });
  expect([bench.held(), bench.factory.usage('ada').closing]).toEqual([0, 4]);
});

test('[Y4] unsent data and work in flight put a turn off; it comes when they are done', async () => {
  const bench = new Bench();
  const { manager: sender, peer } = bench.session('ada');
  const { manager: worker } = bench.session('ben');
  const work = deferred();
  // Turns in the middle of their parts: at 2.5 s and at 7.5 s.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
  atEnd(() => random.mockRestore());
  void worker.run(() => work.promise);
  peer.unsent = 1000;
  const drained = bench.factory.drain({ windowMs: 10_500 });
  await bench.clock.advance(9900);
  expect([sender.state, worker.state]).toEqual(['active', 'active']);
  peer.unsent = 0;
  work.resolve();
  await bench.clock.advance(40);
  expect([sender.state, worker.state, peer.closes.length]).toEqual(['closed', 'closed', 1]);
  await bench.clock.advance(600);
  expect(await drained).toMatchObject({ putOff: 2, closed: 2, hardStopped: 0, unsentBytes: 0 });
});

test('[Y5] at the end of the window everybody is closed, whatever is unsent, under way or hanging, and the report says so', async () => {
  const bench = new Bench();
  const { peer } = bench.session('ada', { closes: false });
  const { manager } = bench.session('ben', { closes: false });
  peer.unsent = 1000;
  void manager.run(() => NEVER).catch(() => undefined);
  manager.defer(() => NEVER, { name: 'hung' });
  const drained = bench.factory.drain({ windowMs: 3000 });
  await bench.clock.advance(2500);
  expect(bench.factory.stats()).toMatchObject({ active: 0, closing: 2 });
  await bench.clock.advance(500);
  expect(bench.factory.stats()).toMatchObject({ closing: 0, connections: 0, state: 'closed' });
  const report = await drained;
  expect(report).toMatchObject({ hardStopped: 2, closed: 0, unsentBytes: 1000, deadlineMissed: 1 });
  expect(report.durationMs).toBeLessThanOrEqual(3000);
});

test('[Y6] who leaves, is closed, or finishes its init meanwhile is counted once', async () => {
  const bench = new Bench();
  const events = recordEvents(['watertight:drain:begin', 'watertight:drain:end']);
  const sessions = bench.sessions(10);
  const init = deferred();
  const pending = bench.factory.admit({ user: 'ben' }, { init: () => init.promise, withoutConnection: true });
  const drained = bench.factory.drain({ windowMs: 10_500 });
  for (const { peer } of sessions) peer.connection.markGone();
  bench.factory.tryAdmit({ user: 'eve' });
  init.resolve();
  await bench.clock.advance(11_000);
  const report = await drained;
  const admission = await pending;
  expect(admission.admitted || admission.reason).not.toBe('factory-closed');
  expect(report).toMatchObject({ managers: 11, left: 10, closed: 1, refused: 1 });
  expect(events.map(({ payload }) => payload)).toEqual([
    { factory: 'default', windowMs: 10_500, managers: 11 },
    { factory: 'default', report },
  ]);
  expect(bench.factory.stats()).toMatchObject({ active: 0, pending: 0, closing: 0 });
});

test('[Y7] what is closed last is closed after every manager, in order; one that throws or hangs stops no other', async () => {
  const bench = new Bench();
  bench.session('ada', { closes: false });
  const order: string[] = [];
  const heldThen = (): number => bench.factory.stats().closing + bench.factory.stats().active;
  const drained = bench.factory.drain({
    windowMs: 0,
    closeLastTimeoutMs: 1000,
    closeLast: [
      function store() {
        order.push(`store ${heldThen()}`);
        throw new Error('no store');
      },
      () => NEVER,
      function metrics() {
        order.push(`metrics ${heldThen()}`);
      },
    ],
  });
  await bench.clock.advance(500);
  await bench.clock.advance(1500);
  expect((await drained).closeLast).toEqual({ run: 3, failed: ['store'], overdue: ['closeLast[1]'] });
  expect(order).toEqual(['store 0', 'metrics 0']);
  expect(bench.errors.map(({ stage, name }) => [stage, name])).toEqual([['drain', 'store']]);
});

test('[Y8] a second call answers the first report, and close() meanwhile ends the window at once', async () => {
  const bench = new Bench();
  const [busy] = bench.sessions(5);
  if (busy !== undefined) busy.peer.unsent = 70;
  const [working, leaving] = bench.sessions(2);
  void working?.manager.run(() => NEVER);
  const drained = bench.factory.drain({ windowMs: 60_000 });
  expect(bench.factory.drain()).toBe(drained);
  leaving?.peer.connection.end('client-close');
  void bench.factory.close();
  await bench.clock.advance(600);
  expect(await drained).toMatchObject({ managers: 7, closed: 4, hardStopped: 2, left: 1, unsentBytes: 70 });
  expect(bench.clock.armed).toBe(0);
});

test('[Y9] options of a drain that are not valid are named at once, and nothing has begun', () => {
  const bench = new Bench();
  const wrong = { windowMs: -1, retryAfterMs: Number.NaN, closeLast: [1], window: 1 } as unknown as {
    windowMs: number;
  };
  expect(() => bench.factory.drain(wrong)).toThrow(
    /window is not an option of drain[^]*closeLast must be a list of functions[^]*windowMs must be a number from 0 to 2147483647 ms; got -1 ms[^]*retryAfterMs/,
  );
  expect(bench.factory.ready).toBe(true);
});

/** Every close and every reset takes some of the time that the test moves: says how much passed at most before the loop had its turn. */
class CostlyPeer extends FakePeer {
  static readonly #costMs = 0.1;
  readonly #stretches: StretchWatch;

  constructor(bench: Bench, stretches: StretchWatch, habits: PeerHabits) {
    super(bench.factory, habits);
    this.#stretches = stretches;
  }

  override close(code: number, reason: string): void {
    this.#stretches.take(CostlyPeer.#costMs);
    super.close(code, reason);
  }

  override destroy(how: 'fin' | 'reset'): void {
    this.#stretches.take(CostlyPeer.#costMs);
    super.destroy(how);
  }
}

/** What is done in one stretch of the loop, in time of the clock. */
class StretchWatch {
  readonly #clock: ManualClock;
  longestMs = 0;
  count = 0;
  #tookMs = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  take(costMs: number): void {
    if (this.#tookMs === 0) {
      this.count += 1;
      setImmediate(() => (this.#tookMs = 0));
    }
    this.#clock.stall(costMs);
    this.#tookMs += costMs;
    this.longestMs = Math.max(this.longestMs, this.#tookMs);
  }
}

test.each([
  ['a drain', (factory: ManagerFactory) => factory.drain({ windowMs: 0 })],
  ['the close of a user', (factory: ManagerFactory) => factory.closeAllForUser('ada')],
])(
  '[Y10] ten thousand that %s closes at once hold the event loop for no slice of more than 10 ms',
  async (_, close) => {
    const bench = new Bench({ maxManagersPerUser: false, maxClosingPerUser: false, heartbeatIntervalMs: false });
    const stretches = new StretchWatch(bench.clock);
    for (let count = 0; count < 10_000; count += 1) {
      // A tenth answers no close, and is reset.
      const { connection } = new CostlyPeer(bench, stretches, { closes: count % 10 > 0 });
      bench.manager('ada', { connection });
    }
    const closed = close(bench.factory);
    const isDone = watch(closed);
    while (!isDone.settled) await bench.clock.advance(20);
    expect(bench.factory.stats().released.total).toBe(10_000);
    expect(stretches.longestMs).toBeLessThanOrEqual(10);
    // 11 000 closes and resets of 0.1 ms each.
    expect(stretches.count).toBeGreaterThanOrEqual(110);
  },
);

test('[T14] a rehearsal is another factory that stands in no list: draining it ends nobody of the one that serves', async () => {
  const serving = createManagerFactory({ name: 'serving' });
  serving.start();
  atEnd(() => serving.close());
  await serving.admit({ user: 'ada' }, { withoutConnection: true });
  const rehearsal = serving.rehearsal({ name: 'rehearsal', maxManagersPerUser: 1 });
  rehearsal.start();
  await rehearsal.admit({ user: 'ada' }, { withoutConnection: true });
  expect(await rehearsal.admit({ user: 'ada' })).toMatchObject({ reason: 'user-limit' });
  expect(factoriesOfProcess().map(({ name }) => name)).not.toContain('rehearsal');
  expect(await rehearsal.drain({ windowMs: 0 })).toMatchObject({ managers: 1, closed: 1 });
  expect([serving.ready, serving.stats().active, rehearsal.stats().state]).toEqual([true, 1, 'closed']);
});

test('[Y8] whoever asks for a drain, or for the close, when it hears that one began gets the one that began', async () => {
  const bench = new Bench();
  const [manager] = bench.managers(3);
  const begun: unknown[] = [];
  const again = (): void => void begun.push(bench.factory.drain({ windowMs: 0 }));
  subscribe('watertight:drain:begin', again);
  manager?.defer(() => void begun.push(bench.factory.close('again')));
  const drained = bench.factory.drain({ windowMs: 0, reason: 'restart' });
  unsubscribe('watertight:drain:begin', again);
  await bench.clock.advance(1000);
  expect(begun[0]).toBe(drained);
  expect(begun).toHaveLength(2);
  await begun[1];
  expect(await drained).toMatchObject({ managers: 3 });
});

test('[R12] a factory that is closed by what its close ends is closed once', async () => {
  const bench = new Bench();
  const [manager] = bench.managers(3);
  let inside: unknown;
  manager?.defer(() => {
    inside = bench.factory.close('again');
  });
  const closed = bench.factory.close('first');
  expect(inside).toBe(closed);
  await closed;
  expect(bench.factory.stats().released.byReason).toEqual({ first: 3 });
});

test('[Y4] of more than are looked at in one slice nobody waits behind those who go on working', async () => {
  const bench = new Bench({ maxManagersPerUser: false }, new SlowClock());
  const order: FakePeer[] = [];
  class Sender extends FakePeer {
    override unsentBytes(): number {
      if (!order.includes(this)) order.push(this);
      return super.unsentBytes();
    }
  }
  for (let number = 0; number < 800; number += 1) {
    const peer = new Sender(bench.factory);
    peer.unsent = 1;
    bench.manager('ada', { connection: peer.connection });
  }
  const drained = bench.factory.drain({ windowMs: 10_000 });
  await bench.clock.advance(9000);
  const done = order.slice(600);
  for (const peer of done) peer.unsent = 0;
  await bench.clock.advance(400);
  expect(done.length).toBeGreaterThan(50);
  expect(done.filter(({ closes }) => closes.length === 0)).toHaveLength(0);
  await bench.clock.advance(2000);
  expect(await drained).toMatchObject({ managers: 800, closed: done.length, hardStopped: 800 - done.length });
});
