import { describe, expect, test } from 'vitest';
import { Relay } from '../relay.ts';
import { until } from '../guarded-server.ts';
import { atEnd } from '../factory-kit.ts';
import { type NodeOptions, NodeProcess, RENEW_MS, TTL_MS, heldByAll } from './node-process.ts';
import { Observer, RACING, heldOn, race, untilFree, untilNoLeases } from './observer.ts';
import { HAS_REDIS, RedisServer } from './redis-server.ts';

async function redis(settings: readonly string[] = []): Promise<RedisServer> {
  const server = await RedisServer.start(settings);
  atEnd(() => server.stop());
  return server;
}

/** Everything is as it should be within one renewal: a message each way, a look at the store, and the noise of a busy machine. */
const ONE_INTERVAL_MS = RENEW_MS * 1.2 + 1500;
/** A node that takes a store for away because the machine is busy would grant, or lose, what is counted here. */
const PATIENT: NodeOptions = { clientTimeoutMs: 5000, lease: { commandTimeoutMs: 5000, whenStoreAway: 'fail-closed' } };

describe.skipIf(!HAS_REDIS)('several processes', () => {
  test('[QU70] nodes that race for one user never have more than the limit open, as their sockets show, and nothing is left', async () => {
    const server = await redis();
    const nodes = await NodeProcess.several(3, server.port, RACING);
    const observer = new Observer('ada');
    await race(observer, nodes, 900);
    expect(observer.mostLive).toBeGreaterThan(10);
    expect(observer.mostLive).toBeLessThanOrEqual(20);
    expect(observer.mostOpen).toBeLessThanOrEqual(40);
    expect(observer.admitted + observer.refused).toBe(900);
    expect(observer.refused).toBeGreaterThan(0);
    await until(() => observer.open === 0, 'all sockets are closed', 1500);
    await untilNoLeases(server, 1500);
    expect(await heldByAll(nodes, 'ada')).toBe(0);
  });

  test('[QU71] SIGKILL: what a node held is free after the time of a lease and no later than a second after', async () => {
    const server = await redis();
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const [one, two] = [await NodeProcess.start(server.port, PATIENT), await NodeProcess.start(server.port, PATIENT)];
    expect(await one.ask('fill', { users, each: 20 })).toBe(users.length * 20);
    await one.kill();
    const killedAtMs = performance.now();
    const { freeAfterMs, roundMs } = await untilFree(two, users, killedAtMs);
    expect(freeAfterMs).toBeLessThan(TTL_MS + 1000 + roundMs);
    expect(await two.ask('fill', { users, each: 19 })).toBe(users.length * 19);
  });

  test('[QU72] SIGSTOP for twice the time of a lease, strict: the node notices before it serves', async () => {
    const server = await redis();
    const node = await NodeProcess.start(server.port, { lease: { onLeaseLost: 'strict' } });
    const observer = new Observer('ada');
    const socket = await observer.dial(node);
    expect(socket).toBeDefined();
    node.signal('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, TTL_MS * 2));
    socket?.send('are you there?');
    node.signal('SIGCONT');
    await until(() => observer.open === 0, 'the socket is closed');
    const { served, events } = await node.ask('state');
    expect([served, events.lost]).toEqual([0, 1]);
    await until(async () => (await node.ask('state')).stats['lease-lost'] === 1, 'its manager is closed');
  });

  test('[QU73] Redis killed and restarted empty: nobody is dropped, and the limit is exact again', async () => {
    const server = await redis();
    const nodes = await NodeProcess.several(3, server.port);
    const observer = new Observer('ada');
    for (const [index, node] of nodes.entries()) await observer.fill(node, 5 + index);
    await server.kill();
    await until(async () => (await nodes[0]?.ask('state'))?.awayForMs !== null, 'it is seen to be away');
    await server.start();
    for (const node of nodes)
      await until(async () => (await node.ask('state')).awayForMs === null, 'the store is back', 10_000);
    await until(async () => (await heldOn(server)) === 18, 'all are known again', ONE_INTERVAL_MS);
    expect([observer.live, nodes.every(({ isAlive }) => isAlive)]).toEqual([18, true]);
  });

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
    expect(await heldOn(replica)).toBe(20);
  });
});
