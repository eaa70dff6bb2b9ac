import { Cluster as IoCluster } from 'ioredis';
import { createCluster } from 'redis';
import { describe, expect, test } from 'vitest';
import { createManagerFactory } from '../../src/factory.ts';
import type { ManagerFactory } from '../../src/manager-factory.ts';
import type { RedisClient } from '../../src/redis/client.ts';
import { redisQuota } from '../../src/redis/index.ts';
import { atEnd, recordEvents } from '../factory-kit.ts';
import { until } from '../guarded-server.ts';
import { CLIENTS } from './clients.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

const QUICK = { leaseTtlMs: 3000, renewIntervalMs: 500, noticeIntervalMs: 100 } as const;

function nodeOn(client: RedisClient, maxManagersPerUser: number): ManagerFactory {
  const factory = createManagerFactory({
    quota: redisQuota({ client, ...QUICK }),
    maxManagersPerUser,
    onError: () => undefined,
  });
  factory.start();
  atEnd(() => factory.close());
  return factory;
}

async function admitted(node: ManagerFactory | undefined, user: string): Promise<boolean> {
  return (await node?.admit({ user }, { withoutConnection: true }))?.admitted === true;
}

async function everybody(node: ManagerFactory): Promise<readonly string[]> {
  const users: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await node.shared?.users({ cursor });
    for (const { user } of page?.users ?? []) users.push(user);
    cursor = page?.cursor;
  } while (cursor !== undefined);
  return users;
}

/** Answers how many keys were moved, each with its slot, as an operator does it. */
async function moveAll(from: RedisServer, to: RedisServer): Promise<number> {
  const [source, target] = await Promise.all(
    [from, to].map((server) => server.command('CLUSTER', 'MYID').then(textOf)),
  );
  if (source === undefined || target === undefined) throw new Error('both have an id');
  const keys = textsOf(await from.command('KEYS', '*'));
  const slots = new Map<string, string[]>();
  for (const key of keys) {
    const slot = textOf(await from.command('CLUSTER', 'KEYSLOT', key)).slice(1);
    slots.set(slot, [...(slots.get(slot) ?? []), key]);
  }
  for (const [slot, own] of slots) {
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source);
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target);
    await from.command('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...own);
    for (const server of [to, from])
      expect(await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', target)).toMatch(/^\+OK/);
  }
  return keys.length;
}

/** Of an answer as the protocol writes it. */
function textsOf(answer: string): readonly string[] {
  return answer.split('\r\n').filter((line) => line !== '' && !/^[*$]/.test(line));
}

function textOf(answer: string): string {
  return textsOf(answer)[0] ?? '';
}

const CLUSTERED = {
  'node-redis': async ({ url }: RedisServer): Promise<RedisClient> => {
    const client = createCluster({ rootNodes: [{ url }], defaults: { disableOfflineQueue: true } });
    client.on('error', () => undefined);
    await client.connect();
    atEnd(() => client.destroy());
    return client;
  },
  ioredis: async ({ port }: RedisServer): Promise<RedisClient> => {
    const client = new IoCluster([{ host: '127.0.0.1', port }], {
      enableOfflineQueue: false,
      redisOptions: { autoResendUnfulfilledCommands: false, commandTimeout: 250 },
    });
    client.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      client.once('ready', () => resolve());
    });
    atEnd(() => client.disconnect());
    return client;
  },
} as const;

describe.skipIf(!HAS_REDIS)('a server that answers something else', () => {
  test.each(['node-redis', 'ioredis'] as const)(
    '[QU78] %s follows slots that move to another server of the cluster: nobody is dropped, and the limit holds',
    async (name) => {
      const servers = await RedisServer.cluster(2);
      atEnd(async () => void (await Promise.all(servers.map((server) => server.stop()))));
      const [first, second] = servers;
      if (first === undefined || second === undefined) throw new Error('a cluster of two');
      const nodes = [nodeOn(await CLUSTERED[name](first), 4), nodeOn(await CLUSTERED[name](second), 4)];
      const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
      for (const user of users)
        for (const node of nodes)
          expect([await admitted(node, user), await admitted(node, user)]).toEqual([true, true]);
      const moved = await moveAll(first, second);
      expect(moved).toBeGreaterThan(1);
      await until(
        async () => {
          const usages = await Promise.all(
            users.map(async (user) => nodes[0]?.shared?.usage(user).catch(() => undefined)),
          );
          return usages.every((usage) => usage?.held === 4);
        },
        'everybody is known where the slots are now',
        10_000,
      );
      expect(textsOf(await first.command('KEYS', 'wt:*:l'))).toEqual([]);
      for (const user of users) {
        expect(nodes.map((node) => node.usage(user).held)).toEqual([2, 2]);
        expect(await admitted(nodes[0], user)).toBe(false);
      }
      expect(nodes.map((node) => node.shared?.state().awayForMs)).toEqual([null, null]);
    },
    60_000,
  );

  test.each(['node-redis', 'ioredis'] as const)(
    '[QU91] %s on a cluster with one server down: one outage, whose users the policy decides about, and no others',
    async (name) => {
      const servers = await RedisServer.cluster(3);
      atEnd(async () => void (await Promise.all(servers.map((server) => server.stop()))));
      for (const server of servers) await server.command('CONFIG', 'SET', 'cluster-require-full-coverage', 'no');
      const homeOf = async (tag: string): Promise<RedisServer | undefined> => {
        const slot = Number(textOf((await servers[0]?.command('CLUSTER', 'KEYSLOT', tag)) ?? '').slice(1));
        return servers[Math.floor((slot * 3) / 16_384)];
      };
      const home = await homeOf('{nodes}');
      const down = servers.find((server) => server !== home);
      if (home === undefined || down === undefined) throw new Error('a cluster of three');
      const node = createManagerFactory({
        quota: redisQuota({ client: await CLUSTERED[name](home), ...QUICK, failOpenMs: 1000 }),
        onError: () => undefined,
      });
      node.start();
      atEnd(() => node.close());
      for (let user = 0; user < 60; user += 1) expect(await admitted(node, `user-${user}`)).toBe(true);
      const events = recordEvents(['watertight:store:away', 'watertight:store:back']);
      await down.kill();
      await until(
        () => Number(node.shared?.state().awayForMs) > 2500,
        'it has been away for longer than failOpenMs',
        15_000,
      );
      const outcomes = await Promise.all(Array.from({ length: 60 }, (_, user) => admitted(node, `newcomer-${user}`)));
      const refused = outcomes.filter((isAdmitted) => !isAdmitted).length;
      expect(refused).toBeGreaterThan(5);
      expect(refused).toBeLessThan(40);
      expect(node.stats().active).toBe(60 + 60 - refused);
      expect(events.length).toBeLessThanOrEqual(3);
      await expect(everybody(node)).rejects.toThrow('the store');
    },
    60_000,
  );

  test.each(['node-redis', 'ioredis'] as const)(
    '[QU79] %s takes a server that is loading for one that is away, and it is back when it has loaded',
    async (name) => {
      // A snapshot that takes a while to be read; the server answers in between that it is loading.
      const slow = ['--save', '3600 1', '--loading-process-events-interval-bytes', '1024'];
      const server = await RedisServer.start(slow);
      atEnd(() => server.stop());
      const nodes = [nodeOn(await CLIENTS[name](server.port), 20), nodeOn(await CLIENTS[name](server.port), 20)];
      for (let index = 0; index < 18; index += 1) expect(await admitted(nodes[index % 2], 'ada')).toBe(true);
      await server.command(
        'EVAL',
        "for i = 1, 3000 do redis.call('SET', 'filler:' .. i, string.rep('x', 100)) end",
        '0',
      );
      expect(await server.command('SAVE')).toMatch(/^\+OK/);
      await server.kill();
      const loaded = server.restartLoading(1000);
      await until(
        async () => (await server.command('GET', 'filler:1').catch(() => '')).startsWith('-LOADING'),
        'it is loading',
        10_000,
      );
      await until(() => nodes.every((node) => typeof node.shared?.state().awayForMs === 'number'), 'it is away', 5000);
      expect(nodes.map((node) => node.usage('ada').held)).toEqual([9, 9]);
      await loaded;
      await until(() => nodes.every((node) => node.shared?.state().awayForMs === null), 'it is back', 10_000);
      await until(async () => (await nodes[0]?.shared?.usage('ada'))?.held === 18, 'all are known', 10_000);
      expect(nodes.map((node) => node.usage('ada').held)).toEqual([9, 9]);
      const more = [await admitted(nodes[0], 'ada'), await admitted(nodes[1], 'ada'), await admitted(nodes[0], 'ada')];
      expect(more).toEqual([true, true, false]);
    },
    60_000,
  );
});
