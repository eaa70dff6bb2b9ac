import { expect, test } from 'vitest';
import { Bench, recordEvents } from '../test/factory-kit.ts';

const OFF = { heartbeatIntervalMs: false } as const;

test('[U5] the frame about to be sent counts: exactly the bound may wait, one byte more is dropped', () => {
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
  const { manager, peer } = bench.session();
  peer.unsent = 900;
  expect([peer.connection.maySend(100), peer.connection.maySend(101)]).toEqual([true, false]);
  expect([manager.state, bench.factory.stats().slowConsumers]).toEqual([
    'active',
    { now: 1, framesDropped: 1, terminated: 0 },
  ]);
});

test('[U5] by default a slow consumer is reset: a close frame would wait behind what it does not read', async () => {
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000 });
  const { manager, peer } = bench.session();
  peer.unsent = 1000;
  expect(peer.connection.maySend(1)).toBe(false);
  expect([peer.destroyed, peer.closes]).toEqual(['reset', []]);
  expect(await manager.released).toMatchObject({ reason: 'slow-consumer', deadlineMet: true });
  expect(bench.factory.stats().slowConsumers).toEqual({ now: 0, framesDropped: 0, terminated: 1 });
});

test('[U5] a function decides each time with all it needs to know, and one that throws terminates', () => {
  const asked: unknown[] = [];
  const answers = ['send', 'drop'] as const;
  const bench = new Bench({
    ...OFF,
    maxBufferedBytes: 1000,
    onSlowConsumer: (consumer) => {
      asked.push(consumer);
      const answer = answers[asked.length - 1];
      if (answer === undefined) throw new Error('undecided');
      return answer;
    },
  });
  const { manager, peer } = bench.session();
  peer.unsent = 990;
  expect([peer.connection.maySend(20), peer.connection.maySend(20), peer.connection.maySend(20)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(asked[0]).toEqual({ user: 'ada', unsentBytes: 990, frameBytes: 20, maxBufferedBytes: 1000 });
  expect([manager.state, bench.errors.map(({ stage }) => stage)]).toEqual(['closed', ['slow-consumer']]);
});

test.each<[string, () => unknown]>([
  ['undefined', () => undefined],
  ['"close"', () => 'close'],
  ['a promise', () => Promise.resolve('drop')],
  ['a promise', () => Promise.reject(new Error('nobody waits for it'))],
])('[U9] a function that answers %s has decided nothing: that is reported, and terminates', async (answer, decide) => {
  const onSlowConsumer = decide as () => 'drop';
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000, onSlowConsumer });
  const events = recordEvents(['watertight:consumer:slow']);
  const { manager, peer } = bench.session();
  peer.unsent = 1000;
  expect(peer.connection.maySend(1)).toBe(false);
  expect([manager.state, events.map(({ payload }) => payload['action'])]).toEqual(['closed', ['terminate']]);
  expect(bench.errors.map(({ stage, error }) => [stage, (error as Error).message])).toEqual([
    ['slow-consumer', `onSlowConsumer must answer 'send', 'drop' or 'terminate', at once; got ${answer}`],
  ]);
  // A rejection that nobody handles would fail this test.
  await new Promise(setImmediate);
});

test('[U5] what goes on with a message that was begun is not dropped, and ends a slow consumer where that is decided', () => {
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
  const { manager, peer } = bench.session();
  peer.unsent = 1000;
  expect([peer.connection.maySend(1, true), peer.connection.maySend(1)]).toEqual([true, false]);
  expect([manager.state, bench.factory.stats().slowConsumers]).toEqual([
    'active',
    { now: 1, framesDropped: 1, terminated: 0 },
  ]);
  const strict = new Bench({ ...OFF, maxBufferedBytes: 1000 }).session().peer;
  strict.unsent = 1000;
  expect([strict.connection.maySend(1, true), strict.destroyed]).toEqual([false, 'reset']);
});

test('[U6] a slow consumer is published once, and again when half of the bound is free', async () => {
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
  const events = recordEvents(['watertight:consumer:slow', 'watertight:consumer:recovered']);
  const { peer } = bench.session();
  peer.unsent = 1000;
  peer.connection.maySend(1);
  peer.connection.maySend(1);
  peer.unsent = 501;
  await bench.clock.advance(1000);
  expect(bench.factory.stats().slowConsumers.now).toBe(1);
  peer.unsent = 500;
  await bench.clock.advance(1000);
  expect(bench.factory.stats().slowConsumers.now).toBe(0);
  expect(events).toEqual([
    {
      name: 'watertight:consumer:slow',
      payload: {
        factory: 'default',
        user: 'ada',
        unsentBytes: 1000,
        frameBytes: 1,
        maxBufferedBytes: 1000,
        action: 'drop',
      },
    },
    { name: 'watertight:consumer:recovered', payload: { factory: 'default', user: 'ada', unsentBytes: 500 } },
  ]);
});

test('[U6] a slow consumer that leaves is not slow any more', async () => {
  const bench = new Bench({ ...OFF, maxBufferedBytes: 1000, onSlowConsumer: 'drop' });
  const { peer } = bench.session();
  peer.unsent = 1000;
  peer.connection.maySend(1);
  peer.connection.markGone();
  expect(bench.factory.stats().slowConsumers.now).toBe(0);
});
