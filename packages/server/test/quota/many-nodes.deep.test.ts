import { describe, expect, test } from 'vitest';
import { Relay } from '../relay.ts';
import { until } from '../guarded-server.ts';
import { NodeProcess, ONE_INTERVAL_MS, PATIENT, TTL_MS } from './node-process.ts';
import { Observer, heldOn, untilFree } from './observer.ts';
import { redis } from './redis-at-end.ts';
import { HAS_REDIS } from './redis-server.ts';

describe.skipIf(!HAS_REDIS)('several processes', () => {
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
