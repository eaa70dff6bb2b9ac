import { Cluster as IoCluster, Redis as IoRedis } from 'ioredis';
import { RESP_TYPES, createClient, createCluster, createSentinel } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InvalidOptionsError } from '../../src/errors.ts';
import { createManagerFactory } from '../../src/factory.ts';
import { connectionOf } from '../../src/redis/client.ts';
import type { LeaseOptions } from '../../src/quota/lease-terms.ts';
import { memoryQuota } from '../../src/quota/memory-quota.ts';
import { type RedisQuota, type RedisQuotaOptions, redisQuota } from '../../src/redis/index.ts';
import type { RenewItem } from '../../src/quota/types.ts';
import { Keys } from '../../src/redis/keys.ts';
import { RedisStore } from '../../src/redis/redis-store.ts';
import { examplesIn, runModule } from '../examples.ts';
import { atEnd } from '../factory-kit.ts';
import { CLIENTS } from './clients.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

function problemsOf(options: unknown): readonly string[] {
  try {
    redisQuota(options as RedisQuotaOptions);
    return [];
  } catch (error) {
    return (error as InvalidOptionsError).problems;
  }
}

test('[QU22] a client that would hold admissions back, repeat them, or is none, is refused with the reason', () => {
  const lazy = { lazyConnect: true } as const;
  expect(problemsOf({ client: new IoRedis(lazy) })).toEqual([
    expect.stringContaining('enableOfflineQueue: false'),
    expect.stringContaining('autoResendUnfulfilledCommands: false'),
    'client must have a commandTimeout from 1 to 250 ms; got none',
  ]);
  const slow = new IoRedis({
    ...lazy,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 900,
    keyPrefix: 'app:',
  });
  expect(problemsOf({ client: slow })).toEqual([
    'client must have a commandTimeout from 1 to 250 ms; got 900 ms',
    expect.stringContaining('no keyPrefix'),
  ]);
  expect(problemsOf({ client: createClient() })).toEqual([expect.stringContaining('disableOfflineQueue: true')]);
  const timed = createClient({ disableOfflineQueue: true, commandOptions: { timeout: 5000 } });
  expect(problemsOf({ client: timed })).toEqual([expect.stringContaining('got 5000 ms')]);
  const cluster = createCluster({ rootNodes: [], defaults: { disableOfflineQueue: false } });
  expect(problemsOf({ client: cluster })).toEqual([expect.stringContaining('disableOfflineQueue: true')]);
  expect(
    problemsOf({ client: createSentinel({ name: 'main', sentinelRootNodes: [{ host: '::1', port: 1 }] }) }),
  ).toEqual([]);
  for (const client of [undefined, null, {}, 'redis://', { call: 1 }])
    expect(problemsOf({ client })).toEqual([expect.stringContaining('must be a client of redis')]);
});

test('[QU94] a client that answers in other types, or adds to the names of keys on any level, is refused with the reason', () => {
  const strict = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, commandTimeout: 250 } as const;
  const texts = new IoRedis({ ...strict, lazyConnect: true, stringNumbers: true });
  expect(problemsOf({ client: texts })).toEqual([expect.stringContaining('must not have stringNumbers: true')]);
  const prefixed = new IoCluster([{ host: '127.0.0.1', port: 1 }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    keyPrefix: 'app:',
    redisOptions: strict,
  });
  expect(problemsOf({ client: prefixed })).toEqual([
    'client must have no keyPrefix; the quota has a prefix of its own',
  ]);
  const typeMapping = { [RESP_TYPES.NUMBER]: String };
  const mapped = createClient({ disableOfflineQueue: true, commandOptions: { typeMapping } });
  expect(problemsOf({ client: mapped })).toEqual([expect.stringContaining('no commandOptions.typeMapping')]);
});

test('[QU65] who lies on a cluster that is not there is not nobody: the question rejects', async () => {
  const client = new IoCluster([{ host: '127.0.0.1', port: 1 }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    redisOptions: { autoResendUnfulfilledCommands: false, commandTimeout: 250 },
  });
  const factory = createManagerFactory({ quota: redisQuota({ client }), onError: () => undefined });
  factory.start();
  atEnd(() => factory.close());
  await expect(factory.shared?.users()).rejects.toThrow('the store refused');
  await expect(factory.shared?.freeNode('node-a')).rejects.toThrow('the store refused');
});

test('[QU97] what are no options, and what is no quota, is refused in a sentence', () => {
  for (const [options, said] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [() => 1, 'a function'],
  ] as const)
    expect(problemsOf(options)).toEqual([`options of redisQuota must be an object with a client; got ${said}`]);
  for (const options of [null, 5] as unknown[])
    expect(() => memoryQuota(options as LeaseOptions)).toThrow(
      'options of memoryQuota must be an object, or left out; got',
    );
  for (const [quota, said] of [
    [null, 'null'],
    [redisQuota, 'a function'],
    ['redis://', '"redis://"'],
  ] as const)
    expect(() => createManagerFactory({ quota: quota as unknown as RedisQuota })).toThrow(
      `  - quota must be made by redisQuota or memoryQuota, got ${said}`,
    );
});

test('[QU22] a client serves one quota, and everything else that is wrong is named with it', () => {
  const client = createClient({ disableOfflineQueue: true });
  const wrong = { client, prefix: 'a{b', leaseTtlMs: 100, onLeaseLost: 'maybe', maxManagersPerTenant: 5, colour: 1 };
  expect(problemsOf(wrong)).toEqual([
    'prefix must be a string of at most 100 characters without braces and blanks; got "a{b"',
    'colour is not an option of a quota',
    'onLeaseLost must be one of assert, strict; got "maybe"',
    'leaseTtlMs must be a whole number from 500 to 3600000 ms; got 100 ms',
    'maxManagersPerTenant (5) needs tenantOf, which says whose tenant a user is',
  ]);
  expect(problemsOf({ client })).toEqual([]);
  expect(problemsOf({ client })).toEqual([expect.stringContaining('serves another quota already')]);
});

test('[QU87] a time to live that is no whole number of milliseconds is refused: the server would refuse every command with it', () => {
  const client = createClient({ disableOfflineQueue: true });
  expect(problemsOf({ client, leaseTtlMs: 3333.5 })).toEqual([
    'leaseTtlMs must be a whole number from 500 to 3600000 ms; got 3333.5 ms',
  ]);
});

test('[QU117] with strict, a command may not take longer than a renewal has before everybody is closed', () => {
  const problemsWith = (terms: LeaseOptions): readonly string[] =>
    problemsOf({ client: createClient({ disableOfflineQueue: true }), ...terms });
  expect(problemsWith({ onLeaseLost: 'strict', leaseTtlMs: 3000, commandTimeoutMs: 2000 })).toEqual([
    "commandTimeoutMs (2000 ms) must be at most 1500 ms with onLeaseLost 'strict': renewals come up to 1200 ms apart, and have to be answered strictMarginMs (300 ms) before leaseTtlMs (3000 ms) is over",
  ]);
  expect(problemsWith({ onLeaseLost: 'strict', leaseTtlMs: 3000, commandTimeoutMs: 1500 })).toEqual([]);
  expect(problemsWith({ onLeaseLost: 'strict', leaseTtlMs: 500 })).toEqual([]);
  expect(problemsWith({ leaseTtlMs: 500, commandTimeoutMs: 5000 })).toEqual([]);
});

describe.skipIf(!HAS_REDIS)('on a real server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  test('[QU20] no key names a user or a tenant, each has one hash tag, and all of leases expire', async () => {
    const raw = new IoRedis(server.port, '127.0.0.1');
    atEnd(() => raw.disconnect());
    for (const [options, tags] of [
      [{}, 2],
      [{ maxManagersPerTenant: 9, tenantOf: (user: string) => user.split('/')[0] ?? '' }, 2],
      [{ maxManagersOfFleet: 99 }, 1],
    ] as const) {
      await raw.flushall();
      const client = await CLIENTS['node-redis'](server.port);
      const factory = createManagerFactory({ quota: redisQuota({ client, ...options }) });
      factory.start();
      atEnd(() => factory.close());
      for (const user of ['acme/ada', 'zeta/bob']) {
        const admission = await factory.admit({ user, sessionId: 'secret' }, { withoutConnection: true });
        if (!admission.admitted) throw new Error(admission.message);
      }
      const keys = (await raw.keys('*')).filter((key) => !key.includes('{nodes}'));
      expect(keys.filter((key) => /acme|ada|bob|zeta|secret/.test(key))).toEqual([]);
      expect(new Set(keys.map((key) => /^wt:\{([^{}]+)\}:[^{}]+$/.exec(key)?.[1])).size).toBe(tags);
      for (const key of await raw.keys('*'))
        expect([key, await raw.pttl(key)]).toEqual([
          key,
          expect.closeTo(key.includes('{nodes}') ? 60_000 : 120_000, -4),
        ]);
    }
  });

  test('[QU16] what is kept of a user outlives its leases, though few renewals say so', async () => {
    const raw = new IoRedis(server.port, '127.0.0.1');
    atEnd(() => raw.disconnect());
    const client = await CLIENTS.ioredis(server.port);
    const quota = redisQuota({ client, prefix: 'kept:', leaseTtlMs: 500, renewIntervalMs: 100 });
    const items: RenewItem[] = [];
    const { store } = quota;
    const renew = store.renew.bind(store);
    store.renew = (batch, ...others) => {
      items.push(...batch);
      return renew(batch, ...others);
    };
    const factory = createManagerFactory({ quota });
    factory.start();
    atEnd(() => factory.close());
    expect(await factory.admit({ user: 'ada' }, { withoutConnection: true })).toMatchObject({ admitted: true });
    const [key = ''] = await raw.keys('kept:*:l');
    const startedAtMs = performance.now();
    while (performance.now() - startedAtMs < 2200) expect(await raw.pttl(key)).toBeGreaterThan(0);
    expect(factory.shared?.state()).toMatchObject({ leases: 1, lost: { retaken: 0, expired: 0 } });
    expect(items.length).toBeGreaterThan(10);
    expect(items.filter(({ prolong }) => prolong === true).length).toBeLessThanOrEqual(5);
  });

  test('[QU118] a notice waits for a node that fetches its notices as seldom as it may', async () => {
    const raw = new IoRedis(server.port, '127.0.0.1');
    atEnd(() => raw.disconnect());
    const store = new RedisStore(connectionOf(await CLIENTS.ioredis(server.port)), new Keys('seldom:', 'user'), 10_000);
    memoryQuota({ noticeIntervalMs: 60_000 });
    await store.notify('node', { kind: 'renew', user: 'ada' });
    const [key = ''] = await raw.keys('seldom:*');
    expect(await raw.pttl(key)).toBeGreaterThan(60_000);
  });

  test('[QU21] a server that has forgotten the scripts is told them again, in the same attempt', async () => {
    const client = await CLIENTS.ioredis(server.port);
    const store = new RedisStore(connectionOf(client), new Keys('flushed:', 'user'), 10_000);
    const owner = { user: 'ada', tenant: '' };
    for (let round = 0; round < 3; round += 1) {
      await server.command('SCRIPT', 'FLUSH');
      expect((await store.usage(owner)).held).toBe(0);
      await store.release([{ owner: owner, leaseIds: ['nobody'] }], 0);
    }
  });

  test('[QU81] a cursor that no page was answered with is refused, the server is not asked, and the store is there', async () => {
    const client = await CLIENTS['node-redis'](server.port);
    const factory = createManagerFactory({ quota: redisQuota({ client, prefix: 'cursor:' }) });
    factory.start();
    atEnd(() => factory.close());
    for (const cursor of ['abc', '0:xyz', ':', '-1', ' ', '1:0'])
      await expect(factory.shared?.users({ cursor })).rejects.toThrow(
        `cursor must be one that a page was answered with; got "${cursor}"`,
      );
    expect(factory.shared?.state()).toMatchObject({ awayForMs: null, failures: 0 });
  });

  test('[QU23, X3] the example of redisQuota runs as it stands', async () => {
    const [example = ''] = examplesIn('src/redis/redis-quota.ts');
    const result = await runModule(`${example}\nconsole.log(admission.admitted, everywhere.held);`, {
      env: { REDIS_URL: server.url },
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'true 1\n' });
    const readme = examplesIn('README.md').at(-1) ?? '';
    const ending = 'console.log(factory.shared.state().nodes);\nawait factory.close();\nawait client.close();';
    const other = await runModule(`${readme}\n${ending}`, { env: { REDIS_URL: server.url } });
    expect(other).toMatchObject({ exitCode: 0, stdout: '1\n' });
  });
});
