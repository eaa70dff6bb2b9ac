import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../guarded-server.ts';
import { type NodeOptions, NodeProcess } from './node-process.ts';
import { Observer } from './observer.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

/** Leases outlive every test here: what is seen is not the time of a lease that is over. */
const OPTIONS: NodeOptions = {
  lease: { leaseTtlMs: 30_000, renewIntervalMs: 10_000, noticeIntervalMs: 50 },
  factory: { heartbeatIntervalMs: 500, heartbeatMisses: 10 },
};

describe.skipIf(!HAS_REDIS)('two processes', () => {
  let redis: RedisServer;
  let one: NodeProcess;
  let two: NodeProcess;
  beforeAll(async () => {
    redis = await RedisServer.start();
    [one, two] = await Promise.all([
      NodeProcess.startToKeep(redis.port, OPTIONS),
      NodeProcess.startToKeep(redis.port, OPTIONS),
    ]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([one.kill(), two.kill()]);
    await redis.stop();
  });

  test('[QU35] a session that comes to the other process counts once, and its old socket is closed with 4409', async () => {
    const observer = new Observer('session');
    await observer.dial(one, 'phone');
    await observer.dial(two, 'phone');
    await until(() => observer.open === 1, 'the old socket is closed');
    expect(observer.closes).toEqual([{ code: 4409, reason: 'taken-over' }]);
    expect((await one.ask('usage', 'session')).perNode).toEqual({ [(await two.ask('state')).nodeId]: 1 });
  });

  test('[QU36] an override set in one process holds for the next attempt in the other, and is listed there', async () => {
    const observer = new Observer('override');
    await one.ask('override', { user: 'override', maxManagers: 2 });
    await until(async () => (await two.ask('overrides')).length === 1, 'the other process lists it');
    await observer.fill(two, 1);
    await observer.fill(one, 1);
    expect([await observer.dial(one), await observer.dial(two)]).toEqual([undefined, undefined]);
    await two.ask('override', { user: 'override', maxManagers: null });
    await until(async () => (await observer.dial(one)) !== undefined, 'the limit is as it was');
  });

  test('[QU37] near the limit of both, the process with silent peers removes them, though nobody came to it', async () => {
    const observer = new Observer('silent');
    await observer.fill(one, 12);
    for (const socket of observer.sockets) socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const living = new Observer('silent');
    await living.fill(two, 5);
    await until(async () => (await one.ask('state')).stats['emergency:silent'] === 12, 'the silent ones are removed');
    expect([await one.ask('held', 'silent'), living.live]).toEqual([0, 5]);
    expect((await two.ask('usage', 'silent')).held).toBe(5);
  });

  test('[QU10] what a user holds, and who holds much, is told without the process that has it, which stands still', async () => {
    const [much, little] = [new Observer('much'), new Observer('little')];
    await much.fill(one, 7);
    await little.fill(one, 1);
    const { nodeId } = await one.ask('state');
    one.signal('SIGSTOP');
    try {
      expect(await two.ask('usage', 'much')).toMatchObject({ held: 7, perNode: { [nodeId]: 7 } });
      const { users } = await two.ask('users', { minHeld: 6 });
      expect(users).toContainEqual({ user: 'much', tenant: '', held: 7 });
      expect(users.map(({ user }) => user)).not.toContain('little');
    } finally {
      one.signal('SIGCONT');
    }
    expect(much.live).toBe(7);
  });

  test('[QU58] who is freed in one process is closed by the other', async () => {
    const observer = new Observer('freed');
    await observer.fill(one, 3);
    expect(await two.ask('freeUser', 'freed')).toBe(3);
    await until(() => observer.open === 0, 'its sockets are closed');
    expect(observer.closes.map(({ code, reason }) => `${code} ${reason}`)).toEqual(Array(3).fill('1001 freed'));
  });

  test('[QU39] while one process drains, the places it gives up are taken in the other', async () => {
    const observer = new Observer('drained');
    const leaving = await NodeProcess.start(redis.port, OPTIONS);
    await observer.fill(leaving, 20);
    expect(await observer.dial(two)).toBeUndefined();
    const drained = leaving.ask('drain', { windowMs: 1000 });
    await until(async () => (await observer.dial(two)) !== undefined, 'a place is free', 2000);
    expect(observer.open).toBeGreaterThan(1);
    await drained;
    await until(() => observer.closes.length === 20, 'all are closed');
    expect(new Set(observer.closes.map(({ code }) => code))).toEqual(new Set([1012]));
    await observer.fill(two, 19);
    expect(observer.mostLive).toBeLessThanOrEqual(40);
    expect((await two.ask('usage', 'drained')).held).toBe(20);
  });

  test('[QU11] the leases of a process that was killed are freed by hand, long before their time is over', async () => {
    const observer = new Observer('killed');
    const dying = await NodeProcess.start(redis.port, OPTIONS);
    const { nodeId } = await dying.ask('state');
    await observer.fill(dying, 20);
    await dying.kill();
    expect(await observer.dial(two)).toBeUndefined();
    expect(await two.ask('freeNode', nodeId)).toBe(20);
    expect(await two.ask('fill', { users: ['killed'], each: 20 })).toBe(20);
  });
});
