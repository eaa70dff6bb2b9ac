import { describe, expect, test } from 'vitest';
import { Relay } from '../relay.ts';
import { until } from '../guarded-server.ts';
import { atEnd } from '../factory-kit.ts';
import { NodeProcess, Observer, RENEW_MS, TTL_MS, heldByAll, untilNoLeases } from './node-process.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

const LONG = process.env['LONG'] !== undefined;

async function redis(settings: readonly string[] = []): Promise<RedisServer> {
  const server = await RedisServer.start(settings);
  atEnd(() => server.stop());
  return server;
}

/** Everything is as it should be within one renewal: a message each way, a look at the store, and the noise of a busy machine. */
const ONE_INTERVAL_MS = RENEW_MS * 1.2 + 1500;

describe.skipIf(!HAS_REDIS)('several processes', () => {
  test(
    '[QU70] nodes that race for one user never have more than the limit open, as their sockets show, and nothing is left',
    async () => {
      const server = await redis();
      const [count, attempts] = LONG ? [8, 100_000] : [3, 900];
      const nodes = await NodeProcess.several(count, server.port, {
        lease: { leaseTtlMs: 30_000, renewIntervalMs: 10_000 },
      });
      const observer = new Observer('ada');
      let left = attempts;
      const client = async (index: number): Promise<void> => {
        const node = nodes[index % count] ?? nodes[0];
        if (node === undefined) return;
        while (left > 0) {
          left -= 1;
          const socket = await observer.dial(node);
          if (socket === undefined) continue;
          await new Promise((resolve) => setImmediate(resolve));
          observer.close(socket, left % 3 === 0 ? 'terminate' : 'close');
        }
      };
      await Promise.all(Array.from({ length: count * 10 }, (_, index) => client(index)));
      expect(observer.mostLive).toBeGreaterThan(10);
      expect(observer.mostLive).toBeLessThanOrEqual(20);
      expect(observer.mostOpen).toBeLessThanOrEqual(40);
      expect(observer.admitted + observer.refused).toBe(attempts);
      expect(observer.refused).toBeGreaterThan(0);
      await until(() => observer.open === 0, 'all sockets are closed', 1500);
      await untilNoLeases(server, 1500);
      expect(await heldByAll(nodes, 'ada')).toBe(0);
    },
    LONG ? 600_000 : 30_000,
  );

  test('[QU71] SIGKILL: what a node held is free after the time of a lease and no later than a second after', async () => {
    const server = await redis();
    const users = Array.from({ length: LONG ? 250 : 50 }, (_, index) => `user-${index}`);
    const [one, two] = [await NodeProcess.start(server.port), await NodeProcess.start(server.port)];
    expect(await one.ask('fill', { users, each: 20 })).toBe(users.length * 20);
    await one.kill();
    const killedAtMs = performance.now();
    // Whoever asks all users in turn sees the last of them so much later.
    let longestRoundMs = 0;
    await until(
      async () => {
        const beganAtMs = performance.now();
        let held = 0;
        for (const user of users) held += (await two.ask('fill', { users: [user], each: 1 })) === 1 ? 1 : 0;
        longestRoundMs = Math.max(longestRoundMs, performance.now() - beganAtMs);
        return held === users.length || performance.now() - killedAtMs > TTL_MS + 3000;
      },
      'all users get in',
      20_000,
    );
    expect(performance.now() - killedAtMs).toBeLessThan(TTL_MS + 1000 + longestRoundMs);
    expect(await two.ask('fill', { users, each: 19 })).toBeGreaterThanOrEqual(users.length * 15);
  });

  test.each(LONG ? (['assert', 'strict'] as const) : (['strict'] as const))(
    '[QU72] SIGSTOP for twice the time of a lease, %s: the node notices before it serves',
    async (onLeaseLost) => {
      const server = await redis();
      const node = await NodeProcess.start(server.port, { lease: { onLeaseLost } });
      const observer = new Observer('ada');
      const socket = await observer.dial(node);
      expect(socket).toBeDefined();
      node.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, TTL_MS * 2));
      socket?.send('are you there?');
      node.signal('SIGCONT');
      if (onLeaseLost === 'strict') {
        await until(() => observer.open === 0, 'the socket is closed');
        const { served, events } = await node.ask('state');
        expect([served, events.lost]).toEqual([0, 1]);
        await until(async () => (await node.ask('state')).stats['lease-lost'] === 1, 'its manager is closed');
        return;
      }
      await until(async () => (await node.ask('state')).served === 1, 'it is served');
      const { events } = await node.ask('state');
      expect(events.lost).toBeGreaterThanOrEqual(1);
      await until(async () => (await server.command('KEYS', 'wt:*:l')).includes('wt:'), 'it is taken again');
      expect(observer.live).toBe(1);
    },
  );

  test('[QU73] Redis killed and restarted empty, paused, and made read-only: nobody is dropped, and the limit is exact again', async () => {
    const server = await redis();
    const nodes = await NodeProcess.several(3, server.port);
    const observer = new Observer('ada');
    for (const [index, node] of nodes.entries()) await observer.fill(node, 5 + index);
    const exactAgain = async (): Promise<void> => {
      for (const node of nodes)
        await until(async () => (await node.ask('state')).awayForMs === null, 'the store is back', 10_000);
      await until(async () => (await usage(server)) === 18, 'all are known again', ONE_INTERVAL_MS);
      expect([observer.live, nodes.every(({ isAlive }) => isAlive)]).toEqual([18, true]);
    };
    await server.kill();
    await until(async () => (await nodes[0]?.ask('state'))?.awayForMs !== null, 'it is seen to be away');
    await server.start();
    await exactAgain();
    if (!LONG) return;
    await server.command('CLIENT', 'PAUSE', '20000');
    await until(async () => (await nodes[0]?.ask('state'))?.awayForMs !== null, 'it is seen to be paused', 3000);
    await until(async () => (await nodes[0]?.ask('state'))?.awayForMs === null, 'the pause is over', 25_000);
    await exactAgain();
    const other = await redis();
    await server.command('REPLICAOF', '127.0.0.1', String(other.port));
    await until(async () => (await nodes[0]?.ask('state'))?.awayForMs !== null, 'it is seen to be read-only', 3000);
    await server.command('REPLICAOF', 'NO', 'ONE');
    await exactAgain();
    expect([await observer.dial(nodes[0] ?? { port: 0 }), await observer.dial(nodes[1] ?? { port: 0 })]).not.toContain(
      undefined,
    );
    expect(await observer.dial(nodes[2] ?? { port: 0 })).toBeUndefined();
  }, 60_000);

  test('[QU74] failed over to a replica that lagged: up to twice the limit, and the limit again within one interval, newest first', async () => {
    const primary = await redis(['--repl-diskless-sync-delay', '0']);
    const replica = await redis(['--replicaof', '127.0.0.1', String(primary.port)]);
    await until(
      async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
      'it follows',
    );
    const relay = await Relay.before(primary.port);
    const nodes = await NodeProcess.several(2, relay.port);
    const [one, two] = nodes;
    // The replica is cut off: whatever is granted from here on is lost with the primary.
    await replica.command('REPLICAOF', 'NO', 'ONE');
    const [first, second] = [new Observer('ada'), new Observer('ada')];
    if (one === undefined || two === undefined) throw new Error('two nodes');
    await first.fill(one, 20);
    relay.lead(replica.port);
    await until(async () => (await two.ask('state')).awayForMs === null, 'it is connected to the replica');
    const deadlineMs = performance.now() + 3000;
    while (second.live < 20 && performance.now() < deadlineMs) await second.dial(two);
    const most = first.live + second.live;
    await until(() => first.live + second.live <= 20, 'the limit holds again', ONE_INTERVAL_MS);
    expect(most).toBeLessThanOrEqual(40);
    expect([first.live, second.live]).toEqual([20, 0]);
    expect(await usage(replica)).toBe(20);
  }, 30_000);

  test.runIf(LONG)(
    '[QU75] the wire to Redis stalls, is cut, delays and trickles: nobody living is dropped, and no process ends',
    async () => {
      const server = await redis();
      const relay = await Relay.before(server.port);
      const nodes = [
        await NodeProcess.start(relay.port, { client: 'ioredis' }),
        await NodeProcess.start(relay.port, { client: 'node-redis' }),
      ];
      const observer = new Observer('ada');
      for (const node of nodes) await observer.fill(node, 10);
      const settled = async (what: string): Promise<void> => {
        await until(async () => (await usage(server)) === 20, `after ${what} all are known`, ONE_INTERVAL_MS + 3000);
        for (const node of nodes)
          await until(
            async () => (await node.ask('state')).awayForMs === null,
            `after ${what} the store is there`,
            5000,
          );
        expect([what, observer.live]).toEqual([what, 20]);
      };
      relay.delayMs = 40;
      await new Promise((resolve) => setTimeout(resolve, RENEW_MS * 2));
      await settled('a delay');
      relay.delayMs = 0;
      relay.trickleMs = 1;
      await new Promise((resolve) => setTimeout(resolve, RENEW_MS * 2));
      relay.trickleMs = 0;
      await settled('a trickle');
      relay.isStalled = true;
      await new Promise((resolve) => setTimeout(resolve, TTL_MS * 1.5));
      relay.isStalled = false;
      await settled('a stall');
      relay.cut();
      await settled('a cut');
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal');
      await settled('its clients were killed');
      expect(nodes.every(({ isAlive }) => isAlive)).toBe(true);
    },
    60_000,
  );

  test.runIf(LONG)('[QU76] a node whose clock jumps an hour ahead and two back keeps exactly its leases', async () => {
    const server = await redis();
    const jumping = `data:text/javascript,${encodeURIComponent(JUMPING)}`;
    const [one, two] = [
      await NodeProcess.start(server.port, { execArgv: ['--import', jumping], lease: { onLeaseLost: 'strict' } }),
      await NodeProcess.start(server.port),
    ];
    await one.ask('fill', { users: ['ada'], each: 10 });
    await two.ask('fill', { users: ['ada'], each: 10 });
    await new Promise((resolve) => setTimeout(resolve, TTL_MS * 2));
    expect([await one.ask('held', 'ada'), await two.ask('held', 'ada'), await usage(server)]).toEqual([10, 10, 20]);
    expect(await two.ask('fill', { users: ['ada'], each: 1 })).toBe(0);
    expect((await one.ask('state')).events.lost).toBe(0);
  });
});

/** Date alone jumps, each second by another hour; what the system says of monotonic time stays. */
const JUMPING = `
const real = Date.now;
const began = real();
Date.now = () => real() + [0, 3600000, -3600000][Math.floor((real() - began) / 500) % 3];
`;

async function usage(server: RedisServer): Promise<number> {
  const keys = await server.command('KEYS', 'wt:*:l');
  const key = /wt:\{[^}]*\}:l\S*/.exec(keys)?.[0];
  if (key === undefined) return 0;
  const answer = await server.command('ZCOUNT', key, '-inf', '(inf');
  return Number(answer.slice(1));
}
