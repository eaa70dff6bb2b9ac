import { expect, test } from 'vitest';
import { judgeHeartbeat } from './liveness.ts';
import { Bench, NEVER } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';

const RULE = { intervalMs: 1600, misses: 2 };

test.each([
  ['spoke just now', { quietForMs: 0, unanswered: 0, latenessMs: 0 }, { verdict: 'alive', nextMs: 1600 }],
  ['spoke half an interval ago', { quietForMs: 800, unanswered: 0, latenessMs: 0 }, { verdict: 'alive', nextMs: 800 }],
  [
    'has less than a sixteenth left',
    { quietForMs: 1501, unanswered: 0, latenessMs: 0 },
    { verdict: 'ask', nextMs: 1500 },
  ],
  ['was quiet for an interval', { quietForMs: 1600, unanswered: 0, latenessMs: 0 }, { verdict: 'ask', nextMs: 1500 }],
  ['left one question open', { quietForMs: 3200, unanswered: 1, latenessMs: 0 }, { verdict: 'ask', nextMs: 1500 }],
  ['left all questions open', { quietForMs: 4800, unanswered: 2, latenessMs: 0 }, { verdict: 'silent' }],
  [
    'left all open while we lagged',
    { quietForMs: 4800, unanswered: 2, latenessMs: 101 },
    { verdict: 'ask-again', nextMs: 1500 },
  ],
  [
    'left all open, heartbeat a little late',
    { quietForMs: 4800, unanswered: 2, latenessMs: 100 },
    { verdict: 'silent' },
  ],
] as const)('[L7] a connection that %s is judged by the table', (_what, facts, verdict) => {
  expect(judgeHeartbeat(facts, RULE)).toEqual(verdict);
});

test('[L1] who talks is alive and never asked, and raw bytes count like messages', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session('ada', { answers: false });
  for (let round = 0; round < 100; round += 1) {
    await bench.clock.advance(500);
    peer.connection.inbound();
  }
  expect([manager.state, peer.pings]).toEqual(['active', 0]);
});

test('[L2] a peer that is idle but answers survives 50 intervals', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session();
  await bench.clock.advance(50_000);
  expect(manager.state).toBe('active');
  expect(peer.pings).toBeGreaterThan(20);
});

test('[L2] a peer that answers every second question only survives too', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session('ada', { answers: false });
  for (let round = 0; round < 50; round += 1) {
    const asked = peer.pings;
    while (peer.pings < asked + 2) await bench.clock.advance(50);
    peer.connection.inbound();
  }
  expect(manager.state).toBe('active');
});

test.each([1, 2, 5])(
  '[L3] with %i misses a silent peer is found by interval × misses + interval, not before its last chance',
  async (misses) => {
    const bench = new Bench({ heartbeatIntervalMs: 1000, heartbeatMisses: misses });
    const { manager, peer } = bench.session('ada', { answers: false });
    await bench.clock.advance(420);
    peer.connection.inbound();
    await bench.clock.advance(1000 * misses);
    expect(manager.state).toBe('active');
    await bench.clock.advance(1000);
    expect([manager.state, peer.pings, peer.destroyed]).toEqual(['closed', misses, 'reset']);
    expect(await manager.released).toMatchObject({ reason: 'silent', deadlineMet: true });
  },
);

test('[L3] of several connections only the silent one goes; the manager ends with the last', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer: living } = bench.session();
  const silent = new FakePeer(bench.factory, { answers: false });
  manager.attach(silent.connection);
  await bench.clock.advance(10_000);
  expect([silent.destroyed, living.destroyed, manager.state, manager.connectionCount]).toEqual([
    'reset',
    undefined,
    'active',
    1,
  ]);
  living.habits = { answers: false };
  await bench.clock.advance(3000);
  expect([living.destroyed, manager.state]).toEqual(['reset', 'closed']);
});

test('[L4] while our own event loop lags nobody is found silent', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session('ada', { answers: false });
  await bench.clock.advance(2800);
  for (let round = 0; round < 20; round += 1) {
    bench.clock.stall(1500);
    await bench.clock.advance(0);
  }
  expect(manager.state).toBe('active');
  expect(peer.pings).toBeGreaterThan(10);
  await bench.clock.advance(3000);
  expect(manager.state).toBe('closed');
});

test('[L5] bytes that arrived in the turn of the verdict are read before it', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session('ada', { answers: false });
  await bench.clock.advance(2874);
  bench.clock.arrive(() => peer.connection.inbound());
  await bench.clock.advance(1);
  expect(manager.state).toBe('active');
  await bench.clock.advance(2800);
  expect(manager.state).toBe('active');
  await bench.clock.advance(200);
  expect(manager.state).toBe('closed');
});

test('[L6] without a heartbeat nobody is asked and nobody is silent', async () => {
  const bench = new Bench({ heartbeatIntervalMs: false });
  const { manager, peer } = bench.session('ada', { answers: false });
  await bench.clock.advance(1_000_000);
  expect([manager.state, peer.pings]).toEqual(['active', 0]);
});

test('[L8] after the process stood still, silence counts only once the loop has run again and the peer was asked once more', async () => {
  // The sweep is due while the process is stopped; the verdict is due after it, and not late itself.
  const bench = new Bench({ heartbeatIntervalMs: 10_000, sweepIntervalMs: 28_100 });
  const { manager, peer } = bench.session('ada', { answers: false });
  await bench.clock.advance(28_000);
  const { pings } = peer;
  bench.clock.stall(500);
  await bench.clock.advance(600);
  expect([manager.state, peer.pings]).toEqual(['active', pings + 1]);
  expect(bench.factory.stats().liveness).toMatchObject({ heldUp: 1, suspensions: 0 });
  await bench.clock.advance(10_000);
  expect(manager.state).toBe('closed');
});

test('[L8] a process that was stopped while it asked its peers is noticed as well', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { peer } = bench.session();
  const ping = peer.ping.bind(peer);
  peer.ping = () => {
    bench.clock.stall(peer.pings === 1 ? 5000 : 0);
    ping();
  };
  await bench.clock.advance(2500);
  expect(bench.factory.stats().liveness).toMatchObject({ heldUp: 1, longestHeldUpMs: 5000 });
});

test('[L8] a machine that slept is noticed by its wall clock and buys the same grace', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 10_000 });
  const { manager, peer } = bench.session('ada', { answers: false });
  await bench.clock.advance(28_000);
  const { pings } = peer;
  bench.clock.sleep(3_600_000);
  await bench.clock.advance(800);
  expect([manager.state, peer.pings]).toEqual(['active', pings + 1]);
  expect(bench.factory.stats().liveness).toMatchObject({ suspensions: 1, longestHeldUpMs: 3_600_000 });
  await bench.clock.advance(10_000);
  expect(manager.state).toBe('closed');
});

test('[L9] heartbeats of many are done in slices, and the last of them are judged like the first', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, maxManagersPerUser: false });
  const sessions = bench.sessions(2000, 'ada', { answers: false });
  const now = bench.clock.now.bind(bench.clock);
  let looks = 0;
  // Every look at the clock takes a fifth of a millisecond: a round of heartbeats takes half a second.
  bench.clock.now = () => {
    looks += 1;
    if (looks % 5 === 0) bench.clock.stall(1);
    return now();
  };
  await bench.clock.advance(6000);
  expect(bench.factory.stats().liveness.longestSliceMs).toBeLessThanOrEqual(10);
  expect(new Set(sessions.map(({ manager }) => manager.state))).toEqual(new Set(['closed']));
  expect(Math.max(...sessions.map(({ peer }) => peer.pings))).toBe(2);
});

test('[L10] silent, idle, never attached and stuck closing are told apart', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, idleTimeoutMs: 16_000, pendingDeadlineMs: 5000 });
  const silent = bench.session('ada', { answers: false }).manager;
  const idle = bench.session('ben').manager;
  const unattached = bench.manager('eve', {});
  const { manager: stuck } = bench.session('joe', { closes: false });
  void stuck.close('goodbye');
  await bench.clock.advance(18_000);
  const reports = await Promise.all([silent, idle, unattached, stuck].map(({ released }) => released));
  expect(reports.map(({ reason, stuckClosing }) => [reason, stuckClosing])).toEqual([
    ['silent', false],
    ['idle', false],
    ['never-attached', false],
    ['goodbye', true],
  ]);
  expect(bench.factory.stats().liveness).toMatchObject({ idle: 1, stuckClosing: 1 });
  expect(bench.factory.stats().liveness.asked).toBeGreaterThan(10);
});

test('[L11] who is used, works, has unsent data or never had a socket is not idle; who only answers is', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000, idleTimeoutMs: 1600 });
  const { manager: idle, peer: answering } = bench.session('ada');
  const { manager: used, peer: talking } = bench.session('ben');
  const { manager: working } = bench.session('eve');
  void working.run(() => NEVER).catch(() => undefined);
  const { manager: sending, peer: reading } = bench.session('joe');
  reading.unsent = 1;
  const detached = bench.manager('kim');
  for (let round = 0; round < 20; round += 1) {
    await bench.clock.advance(500);
    talking.talk();
  }
  expect([idle, used, working, sending, detached].map(({ state }) => state)).toEqual([
    'closed',
    'active',
    'active',
    'active',
    'active',
  ]);
  expect(answering.closes).toEqual([{ code: 4408, reason: 'idle' }]);
});

test('[L11] a message counts from the moment it is handed out, before the bytes it came in are told', async () => {
  const bench = new Bench({ heartbeatIntervalMs: 1000 });
  const { manager, peer } = bench.session();
  const quiet = (): readonly (number | null | undefined)[] => {
    const [looked] = bench.factory.lookAt('ada').managers;
    return [looked?.idleMs, looked?.quietMs];
  };
  await bench.clock.advance(700);
  peer.connection.usedByChunk();
  expect(quiet()).toEqual([0, 0]);
  peer.connection.inbound();
  await bench.clock.advance(200);
  expect(quiet()).toEqual([200, 200]);
  peer.connection.inbound();
  expect(quiet()).toEqual([200, 0]);
  expect(manager.state).toBe('active');
});

test('[L11] a loop that stood still ends nobody for being idle: what was sent meanwhile is read first', async () => {
  const bench = new Bench({ heartbeatIntervalMs: false, idleTimeoutMs: 1600 });
  const { manager, peer } = bench.session();
  await bench.clock.advance(100);
  bench.clock.stall(5000);
  bench.clock.arrive(() => peer.talk());
  await bench.clock.advance(300);
  expect(manager.state).toBe('active');
  await bench.clock.advance(3200);
  expect(manager.state).toBe('closed');
});

test('[L11] [L4] at whichever look at the clock the process is stopped, who spoke meanwhile is neither idle nor silent', async () => {
  const readings = 60;
  for (let stoppedAt = 1; stoppedAt <= readings; stoppedAt += 1) {
    const bench = new Bench({ heartbeatIntervalMs: 1000, idleTimeoutMs: 1600 });
    const sessions = bench.sessions(3);
    await bench.clock.advance(950);
    const now = bench.clock.now.bind(bench.clock);
    let looks = 0;
    bench.clock.now = () => {
      looks += 1;
      if (looks === stoppedAt) {
        bench.clock.stall(5000);
        bench.clock.arrive(() => sessions.forEach(({ peer }) => peer.talk()));
      }
      return now();
    };
    for (let round = 0; round < 40; round += 1) {
      await bench.clock.advance(100);
      sessions.forEach(({ peer }) => peer.talk());
    }
    expect(looks).toBeGreaterThan(readings);
    expect(
      sessions.map(({ manager }) => manager.state),
      `stopped at look ${stoppedAt}`,
    ).toEqual(['active', 'active', 'active']);
  }
});
