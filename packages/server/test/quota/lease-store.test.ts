import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MemoryStore } from '../../src/quota/memory-store.ts';
import { connectionOf, type RedisClient } from '../../src/redis/client.ts';
import { Keys, type Scope } from '../../src/redis/keys.ts';
import { RedisStore } from '../../src/redis/redis-store.ts';
import { CLIENTS, type ClientName } from './clients.ts';
import { leaseStoreSuite } from './lease-store.suite.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

/** A store is asked here without a quota that bears a late answer, and a machine may stand still for a while. */
const PATIENT_MS = 5000;

describe('in memory', () => {
  leaseStoreSuite(async () => {
    const store = new MemoryStore();
    return { open: async () => store };
  });

  test('[QU86] nothing is kept of who holds nothing, and after two TTLs nothing of what became of a lease', async () => {
    const ttlMs = 1000;
    let nowMs = 1;
    const store = new MemoryStore(() => nowMs, ttlMs);
    const limits = { user: 20, tenant: 1, fleet: 2 };
    const ask = async (user: string, tenant: string): Promise<boolean> => {
      const rest = { limits, maxClosing: 20, ttlMs, nameHoldersFrom: Infinity };
      return (await store.acquire({ owner: { user, tenant }, leaseId: `${user}-lease`, ...rest })).granted;
    };
    const entryCount = async (): Promise<number> => {
      let count = 0;
      let cursor: string | undefined;
      do {
        ({ cursor } = await store.users({ cursor, pageSize: 1 }));
        count += 1;
      } while (cursor !== undefined);
      return count;
    };
    const owner = { user: 'ada', tenant: 'acme' };
    await expect(store.users({ cursor: 'abc' })).rejects.toThrow('cursor must be one that a page was answered with');
    expect([await ask('ada', 'acme'), await ask('bob', ''), await ask('eve', 'acme')]).toEqual([true, true, false]);
    for (let number = 0; number < 100; number += 1) await ask(`user ${number}`, `tenant ${number}`);
    await store.usage({ user: 'nobody', tenant: '' });
    expect(await entryCount()).toBe(2);
    expect(await store.freeUser(owner)).toEqual(['ada-lease']);
    const renewal = [{ owner, leaseIds: ['ada-lease'], limits }];
    const { news } = await store.renew(renewal, ttlMs, 'assert');
    expect(news[0]?.missing).toEqual([{ leaseId: 'ada-lease', fate: 'freed' }]);
    await store.release([{ owner: { user: 'bob', tenant: '' }, leaseIds: ['bob-lease'] }], 0);
    expect(await entryCount()).toBe(1);
    nowMs += 2 * ttlMs + 1;
    await store.beat('node', ttlMs, 0);
    await ask('zoe', 'acme');
    expect(await entryCount()).toBe(1);
    expect(await store.usage(owner)).toMatchObject({ held: 0 });
  });
});

describe.skipIf(!HAS_REDIS)('on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());
  let runs = 0;

  // Every client once, and every scope once.
  const cases: readonly [ClientName, Scope][] = [
    ['node-redis', 'fleet'],
    ['ioredis', 'fleet'],
    ['iovalkey', 'fleet'],
  ];
  describe.each(cases)('%s, %s', (client, scope) => {
    leaseStoreSuite(async () => {
      runs += 1;
      const keys = new Keys(`test-${runs}:`, scope);
      const connect = async (): Promise<RedisClient> => await CLIENTS[client](server.port, PATIENT_MS);
      return { open: async () => new RedisStore(connectionOf(await connect()), keys, 10_000) };
    });
  });
});
