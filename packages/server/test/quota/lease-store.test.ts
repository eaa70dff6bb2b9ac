import { afterAll, beforeAll, describe } from 'vitest';
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
