import { expect, test } from 'vitest';
import { Bench, NEVER } from '../test/factory-kit.ts';
import { FakePeer } from '../test/fake-peer.ts';
import type { Manager } from './manager.ts';
import type { FactoryStats } from './stats.ts';

type Figures = Pick<
  FactoryStats,
  | 'active'
  | 'pending'
  | 'closing'
  | 'connections'
  | 'withoutConnection'
  | 'oldestAgeMs'
  | 'oldestWithoutConnectionAgeMs'
  | 'perUser'
>;

function figuresOf(bench: Bench): Figures {
  const { active, pending, closing, connections, withoutConnection, oldestAgeMs, ...rest } = bench.factory.stats();
  const { oldestWithoutConnectionAgeMs, perUser } = rest;
  return {
    active,
    pending,
    closing,
    connections,
    withoutConnection,
    oldestAgeMs,
    oldestWithoutConnectionAgeMs,
    perUser,
  };
}

/** The same things happen to a factory for the same seed; somebody looks at it for the first time after so many of them. */
async function lived(seed: number, steps: number, firstLookAfter: number): Promise<readonly Figures[]> {
  const bench = new Bench({
    maxManagersPerUser: 8,
    maxClosingPerUser: 2,
    maxConnectionsPerManager: 3,
    releaseGraceMs: 300,
  });
  let random = seed;
  const anyOf = (count: number): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * count);
  };
  const user = (): string => `user-${anyOf(6)}`;
  const managers: Manager[] = [];
  const peers: FakePeer[] = [];
  const peer = (): FakePeer => {
    const made = new FakePeer(bench.factory, { closes: anyOf(2) === 0 });
    peers.push(made);
    return made;
  };
  const admit = (options: Parameters<typeof bench.factory.tryAdmit>[1]): void => {
    const admission = bench.factory.tryAdmit({ user: user() }, options);
    if (admission.admitted) managers.push(admission.manager);
  };
  const anyManager = (): Manager | undefined => managers[anyOf(managers.length)];
  const anyPeer = (): FakePeer | undefined => peers[anyOf(peers.length)];
  const DEEDS: readonly (() => unknown)[] = [
    () => admit({ connection: peer().connection }),
    () => admit({ connection: peer().connection }),
    () => admit({ withoutConnection: true }),
    () => admit({}),
    () => void bench.factory.admit({ user: user() }, { connection: peer().connection, init: () => NEVER }),
    () => {
      const manager = anyManager();
      if (manager?.state === 'active' && bench.factory.lookAt(manager.user).managers.length < 9)
        try {
          manager.attach(peer().connection);
        } catch {
          // It has as many as it may.
        }
    },
    () => anyPeer()?.connection.markGone(),
    () => anyPeer()?.connection.end('client-error'),
    () => void anyManager()?.close(),
    () => void anyManager()?.destroy(),
    () => {
      const manager = anyManager();
      if (manager?.state === 'active') manager.defer(() => NEVER);
    },
    () => bench.clock.advance(anyOf(200)),
  ];
  const seen: Figures[] = [];
  for (let step = 0; step < steps; step += 1) {
    await DEEDS[anyOf(DEEDS.length)]?.();
    if (step >= firstLookAfter) seen.push(figuresOf(bench));
  }
  await bench.finish();
  seen.push(figuresOf(bench));
  return seen;
}

test.each([1, 20_261_128, 77])(
  '[T15] what is kept from the first look on is what a first look counts, whatever happened in between (seed %i)',
  async (seed) => {
    const kept = await lived(seed, 400, 0);
    for (const firstLookAfter of [1, 20, 50, 111, 200, 333, 399]) {
      const counted = await lived(seed, 400, firstLookAfter);
      expect(counted).toEqual(kept.slice(firstLookAfter));
    }
    // Something of each kind was there.
    for (const name of ['active', 'pending', 'closing', 'connections', 'withoutConnection'] as const)
      expect(Math.max(...kept.map((figures) => figures[name]))).toBeGreaterThan(1);
    expect(kept.at(-1)).toMatchObject({
      active: 0,
      closing: 0,
      connections: 0,
      withoutConnection: 0,
      oldestAgeMs: null,
    });
  },
);

test('[T15] a look at a factory with many managers, once they are counted, asks none of them', () => {
  const bench = new Bench({ maxManagersPerUser: 20, statsTopUsers: 1 });
  const managers = Array.from({ length: 50 }, (_, number) => bench.managers(20, `user-${number}`)).flat();
  bench.factory.stats();
  let asked = 0;
  for (const manager of managers) {
    const get = (): string => {
      asked += 1;
      return 'active';
    };
    Object.defineProperty(manager, 'state', { get, configurable: true });
  }
  const { active } = bench.factory.stats();
  for (const manager of managers) Object.defineProperty(manager, 'state', { value: 'active', writable: true });
  // One user is named, and told state by state.
  expect([active, asked]).toEqual([1000, 20]);
});
