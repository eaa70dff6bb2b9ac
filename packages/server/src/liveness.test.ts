import { expect, test } from 'vitest';
import { judgeHeartbeat } from './liveness.ts';
import { Bench } from '../test/factory-kit.ts';
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
