import type { Redis as IoRedis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { createManagerFactory } from '../../src/factory.ts';
import type { ManagerFactory } from '../../src/manager-factory.ts';
import { redisQuota } from '../../src/redis/index.ts';
import { atEnd, recordEvents } from '../factory-kit.ts';
import { until } from '../guarded-server.ts';
import { CLIENTS } from './clients.ts';
import { redis } from './redis-at-end.ts';
import { HAS_REDIS } from './redis-server.ts';

describe.skipIf(!HAS_REDIS)('a server that is full, stands still, forgets, or has never been asked', () => {
  test.each(['assert', 'strict'] as const)(
    '[QU89] %s: a server whose memory is full goes on renewing, refusing and telling: nobody is lost, and the limit holds',
    async (onLeaseLost) => {
      const full = await redis(['--maxmemory-policy', 'noeviction']);
      const terms = { leaseTtlMs: 600, renewIntervalMs: 100, noticeIntervalMs: 50, onLeaseLost } as const;
      const [one, two] = await Promise.all(
        (['node-redis', 'ioredis'] as const).map(async (name) => {
          const client = await CLIENTS[name](full.port);
          const factory = createManagerFactory({
            quota: redisQuota({ client, ...terms }),
            maxManagersPerUser: 4,
            onError: () => undefined,
          });
          factory.start();
          atEnd(() => factory.close());
          return factory;
        }),
      );
      const admits = async (node: ManagerFactory | undefined, sessionId?: string): Promise<boolean> =>
        (await node?.admit({ user: 'ada', sessionId }, { withoutConnection: true }))?.admitted === true;
      for (const [node, sessionId] of [[one, 'phone'], [one], [two], [two]] as const)
        expect(await admits(node, sessionId)).toBe(true);
      await full.command('CONFIG', 'SET', 'maxmemory', '1');
      expect(await full.command('SET', 'more', 'x')).toMatch(/^-OOM/);
      const startedAtMs = performance.now();
      while (performance.now() - startedAtMs < 1000) {
        expect((await one?.shared?.usage('ada'))?.held).toBe(4);
        expect(await admits(one)).toBe(false);
      }
      // What the other node has to be told of, it is.
      expect(await admits(two, 'phone')).toBe(true);
      await until(() => one?.usage('ada').held === 1 && two?.usage('ada').held === 3, 'the session has moved', 1000);
      for (const node of [one, two])
        expect(node?.shared?.state()).toMatchObject({ awayForMs: null, failures: 0, lost: { expired: 0, retaken: 0 } });
    },
  );

  test('[QU60] what a server did that stood still for longer than the time of a lease is given back when it goes on', async () => {
    const still = await redis();
    const client = await CLIENTS['node-redis'](still.port);
    const quota = redisQuota({ client, leaseTtlMs: 500, commandTimeoutMs: 100, whenStoreAway: 'fail-closed' });
    const factory = createManagerFactory({ quota, maxManagersPerUser: 1, onError: () => undefined });
    factory.start();
    atEnd(() => factory.close());
    await until(async () => (await factory.shared?.usage('ada'))?.held === 0, 'it answers');
    still.signal('SIGSTOP');
    atEnd(() => still.signal('SIGCONT'));
    const admission = await factory.admit({ user: 'ada' }, { withoutConnection: true });
    expect(admission).toMatchObject({ admitted: false, reason: 'quota-unavailable' });
    await until(() => Number(factory.shared?.state().awayForMs) > 800, 'it has stood still for long', 5000);
    still.signal('SIGCONT');
    await until(() => factory.shared?.state().awayForMs === null, 'it is back', 5000);
    // Before it could have run out.
    await until(async () => (await factory.shared?.usage('ada'))?.held === 0, 'it was given back', 250);
  });

  test('[QU93] all nodes list the same overrides also after a server has forgotten them, however many were set since', async () => {
    const forgetful = await redis();
    const nodes: ManagerFactory[] = [];
    for (let index = 0; index < 2; index += 1) {
      const client = await CLIENTS['node-redis'](forgetful.port);
      const factory = createManagerFactory({ quota: redisQuota({ client, noticeIntervalMs: 300 }) });
      factory.start();
      atEnd(() => factory.close());
      nodes.push(factory);
    }
    const [one, two] = nodes;
    one?.setOverride('ada', { maxManagers: 9 });
    await until(() => two?.overrides().length === 1, 'the other has heard of it');
    // As many changes as before.
    await forgetful.command('FLUSHALL');
    two?.setOverride('bob', { maxManagers: 2 });
    await until(
      () => nodes.every((node) => JSON.stringify(node.overrides()) === '[{"user":"bob","maxManagers":2}]'),
      'both list the one that is left',
      3000,
    );
  });

  test.each(['node-redis', 'ioredis', 'iovalkey'] as const)(
    '[QU64] %s: a command that was late is told as such, and is no reason to renew everything',
    async (name) => {
      const slow = await redis();
      const quota = redisQuota({ client: await CLIENTS[name](slow.port), noticeIntervalMs: 60_000 });
      const { store } = quota;
      let renewals = 0;
      const renew = store.renew.bind(store);
      store.renew = (...asked) => {
        renewals += 1;
        return renew(...asked);
      };
      const factory = createManagerFactory({ quota, onError: () => undefined });
      factory.start();
      atEnd(() => factory.close());
      expect((await factory.admit({ user: 'ada' }, { withoutConnection: true })).admitted).toBe(true);
      const events = recordEvents(['watertight:store:back']);
      slow.signal('SIGSTOP');
      atEnd(() => slow.signal('SIGCONT'));
      await factory.admit({ user: 'bob' }, { withoutConnection: true });
      slow.signal('SIGCONT');
      await until(() => factory.shared?.state().awayForMs === null, 'it is back');
      expect(factory.shared?.state()).toMatchObject({ leases: 2, timeouts: factory.shared?.state().failures });
      // On a machine that was busy for a second it is no moment any more.
      expect(renewals === 0 || Number(events[0]?.payload['awayMs']) >= 1000).toBe(true);
    },
  );

  test('[QU95] an override is written whole before its factory is closed, and its client after it', async () => {
    const server = await redis();
    const nodes = [];
    for (let index = 0; index < 2; index += 1) {
      const client = await CLIENTS.ioredis(server.port);
      const quota = redisQuota({ client, prefix: 'whole:', noticeIntervalMs: 50 });
      const factory = createManagerFactory({ quota, onError: () => undefined });
      factory.start();
      atEnd(() => factory.close());
      nodes.push({ factory, client });
    }
    const [one, two] = nodes;
    one?.factory.setOverride('ada', { maxManagers: 0 });
    await one?.factory.close();
    (one?.client as IoRedis | undefined)?.disconnect();
    await until(() => two?.factory.overrides().length === 1, 'the other lists it', 1000);
  });

  test('[QU40] a node that is closed as soon as it was started is counted no more, and asks nothing more', async () => {
    const fresh = await redis();
    const client = await CLIENTS.ioredis(fresh.port);
    const errors: unknown[] = [];
    const factory = createManagerFactory({ quota: redisQuota({ client }), onError: (error) => errors.push(error) });
    factory.start();
    await factory.close();
    // Whatever is asked after this fails.
    (client as IoRedis).disconnect();
    expect(await fresh.command('ZCARD', 'wt:{nodes}')).toBe(':0\r\n');
    expect(errors).toEqual([]);
  });
});
