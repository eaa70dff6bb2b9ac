import { describe, expect, test } from 'vitest';
import { until } from '../guarded-server.ts';
import { NodeProcess, ONE_INTERVAL_MS, heldByAll } from './node-process.ts';
import { Observer, RACING, heldOn, race, untilNoLeases } from './observer.ts';
import { redis } from './redis-at-end.ts';
import { HAS_REDIS } from './redis-server.ts';

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
});
