import { Cluster as IoCluster, Redis as IoRedis } from 'ioredis';
import { Cluster as ValkeyCluster } from 'iovalkey';
import { createCluster, createSentinel } from 'redis';
import { afterAll, beforeAll, describe, expect, test, test as register } from 'vitest';
import { createManagerFactory } from '../../src/factory.ts';
import { type RedisClient, connectionOf } from '../../src/redis/client.ts';
import { redisQuota } from '../../src/redis/index.ts';
import { Keys, type Scope } from '../../src/redis/keys.ts';
import { RedisStore } from '../../src/redis/redis-store.ts';
import { atEnd } from '../factory-kit.ts';
import { until } from '../guarded-server.ts';
import { leaseStoreSuite } from './lease-store.suite.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

const STRICT = { autoResendUnfulfilledCommands: false, commandTimeout: 250 } as const;

interface Connected {
  readonly client: RedisClient;
  readonly end: () => unknown;
}

async function ready<Client extends IoRedis | IoCluster | ValkeyCluster>(client: Client): Promise<Client> {
  client.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    client.on('ready', () => resolve());
  });
  return client;
}

let runs = 0;

/** The suite on one connection, kept for all of it; of the rules only those that `holds` says. */
function suiteOn(connect: () => Promise<Connected>, scope: Scope, holds: (rule: string) => boolean): void {
  let connected: Promise<Connected> | undefined;
  afterAll(async () => {
    await (await connected)?.end();
  });
  leaseStoreSuite(
    async () => {
      runs += 1;
      const keys = new Keys(`test-${runs}:`, scope);
      connected ??= connect();
      const { client } = await connected;
      return { open: async () => new RedisStore(connectionOf(client), keys, 10_000) };
    },
    (rule, run) => (holds(rule) ? register(rule, run) : undefined),
  );
}

// Users lie on different nodes of a cluster, so limits across them are another scope: everything on one.
const acrossUsers = (rule: string): boolean => /^\[QU(8|15)\]/.test(rule);

describe.skipIf(!HAS_REDIS)('on a cluster of three', () => {
  let servers: RedisServer[] = [];
  beforeAll(async () => {
    servers = await RedisServer.cluster(3);
  }, 30_000);
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  const connect = {
    'node-redis': async (): Promise<Connected> => {
      const rootNodes = servers.map(({ url }) => ({ url }));
      const cluster = createCluster({ rootNodes, defaults: { disableOfflineQueue: true } });
      cluster.on('error', () => undefined);
      await cluster.connect();
      return { client: cluster, end: () => cluster.destroy() };
    },
    ioredis: async (): Promise<Connected> => {
      const options = { enableOfflineQueue: false, redisOptions: STRICT };
      const cluster = await ready(new IoCluster(places(servers), options));
      return { client: cluster, end: () => cluster.disconnect() };
    },
    iovalkey: async (): Promise<Connected> => {
      const options = { enableOfflineQueue: false, redisOptions: STRICT };
      const cluster = await ready(new ValkeyCluster(places(servers), options));
      return { client: cluster, end: () => cluster.disconnect() };
    },
  } as const;

  describe.each(['node-redis', 'ioredis', 'iovalkey'] as const)('%s', (name) => {
    describe('user', () =>
      suiteOn(
        () => connect[name](),
        'user',
        (rule) => !acrossUsers(rule),
      ));
    describe('fleet', () => suiteOn(() => connect[name](), 'fleet', acrossUsers));
  });

  test('[QU10] users lie on all nodes of the cluster, and the listing finds them all', async () => {
    const { client, end } = await connect.ioredis();
    atEnd(end);
    const factory = createManagerFactory({
      quota: redisQuota({ client, prefix: 'spread:' }),
      onError: () => undefined,
    });
    factory.start();
    atEnd(() => factory.close());
    for (let user = 0; user < 30; user += 1) await factory.admit({ user: `user ${user}` }, { withoutConnection: true });
    const sizes = await Promise.all(servers.map(async (server) => (await server.command('KEYS', 'spread:*:l')).length));
    expect(Math.min(...sizes)).toBeGreaterThan(10);
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await factory.shared?.users({ cursor, pageSize: 5 });
      for (const { user } of page?.users ?? []) seen.add(user);
      cursor = page?.cursor;
    } while (cursor !== undefined);
    expect(seen.size).toBe(30);
  });
});

describe.skipIf(!HAS_REDIS)('with a sentinel', () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let sentinel: RedisServer;
  beforeAll(async () => {
    primary = await RedisServer.start(['--repl-diskless-sync-delay', '0']);
    replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(primary.port)]);
    sentinel = await RedisServer.sentinelOf(primary);
    await until(
      async () => (await sentinel.command('SENTINEL', 'REPLICAS', 'main')).includes(String(replica.port)),
      'the sentinel knows the replica',
      15_000,
    );
  }, 40_000);
  afterAll(() => Promise.all([sentinel, replica, primary].map((server) => server.stop())));

  const connect = {
    'node-redis': async (): Promise<Connected> => {
      const client = createSentinel({
        name: 'main',
        sentinelRootNodes: [{ host: '127.0.0.1', port: sentinel.port }],
        nodeClientOptions: { disableOfflineQueue: true },
      });
      client.on('error', () => undefined);
      await client.connect();
      return { client, end: () => client.destroy() };
    },
    ioredis: async (): Promise<Connected> => {
      const client = await ready(
        new IoRedis({
          ...STRICT,
          name: 'main',
          sentinels: places([sentinel]),
          enableOfflineQueue: false,
          sentinelRetryStrategy: () => 50,
          retryStrategy: () => 50,
        }),
      );
      return { client, end: () => client.disconnect() };
    },
  } as const;

  describe.each(['node-redis', 'ioredis'] as const)('%s', (name) =>
    suiteOn(
      () => connect[name](),
      'fleet',
      () => true,
    ),
  );

  test('[QU74] both clients follow a failover: nobody is dropped, and the limit holds on the new primary', async () => {
    const nodes = await Promise.all(
      (['node-redis', 'ioredis'] as const).map(async (name) => {
        const { client, end } = await connect[name]();
        atEnd(end);
        const quota = redisQuota({ client, prefix: 'failover:', noticeIntervalMs: 50 });
        const factory = createManagerFactory({ quota, maxManagersPerUser: 6, onError: () => undefined });
        factory.start();
        atEnd(() => factory.close());
        for (let index = 0; index < 3; index += 1)
          expect((await factory.admit({ user: 'ada' }, { withoutConnection: true })).admitted).toBe(true);
        return factory;
      }),
    );
    expect(await sentinel.command('SENTINEL', 'FAILOVER', 'main')).toMatch(/^\+OK/);
    await until(
      // Who is promoted drops its clients.
      async () => (await replica.command('ROLE').catch(() => '')).includes('master'),
      'the replica is the primary now',
      15_000,
    );
    await until(
      async () => {
        const answers = await Promise.all(nodes.map(async (node) => node.shared?.usage('ada').catch(() => undefined)));
        return (
          answers.every((answer) => answer?.held === 6) && (await replica.command('KEYS', 'failover:*:l')).length > 5
        );
      },
      'both nodes speak to it',
      15_000,
    );
    for (const node of nodes) {
      expect(node.usage('ada').held).toBe(3);
      expect((await node.admit({ user: 'ada' }, { withoutConnection: true })).admitted).toBe(false);
      expect(node.shared?.state().awayForMs).toBeNull();
    }
  }, 60_000);
});

function places(servers: readonly RedisServer[]): { readonly host: string; readonly port: number }[] {
  return servers.map(({ port }) => ({ host: '127.0.0.1', port }));
}
