import { describe, expect, test } from 'vitest';
import { createManagerFactory } from '../../src/factory.ts';
import { redisQuota } from '../../src/redis/index.ts';
import { atEnd } from '../factory-kit.ts';
import { CLIENTS } from './clients.ts';
import { redis } from './redis-at-end.ts';
import { HAS_REDIS } from './redis-server.ts';
import { SharedBench } from './shared-bench.ts';

/** What no node is called; the first would be everybody's beginning. */
const NO_NODES: readonly unknown[] = ['', 'node', 'a node', undefined, null, 5];

test('[QU88] leases are freed of a node or a user that can be, and of nobody else: what is none is refused before the store hears of it', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  await bench.managers(2, node);
  const asked = node.wire.calls.length;
  for (const nodeId of NO_NODES)
    await expect(node.shared.freeNode(nodeId as string)).rejects.toThrow(
      /^Invalid options:\n {2}- nodeId must be one that state\(\)\.nodeId says, 6 characters; got /,
    );
  await expect(node.shared.freeUser('')).rejects.toThrow('user is empty; it must have 1 to 256 bytes');
  await expect(node.shared.freeUser(5 as unknown as string)).rejects.toThrow('user must be a string, got number');
  await expect(node.shared.usage(undefined as unknown as string)).rejects.toThrow('user must be a string');
  expect(node.wire.calls).toHaveLength(asked);
  expect(node.shared.state().failures).toBe(0);
  expect(await bench.held()).toBe(2);
});

test('[QU58] a node that lives and was freed by hand closes everybody within noticeIntervalMs, whichever node was told', async () => {
  const bench = new SharedBench();
  const [one, two] = [bench.node(), bench.node()];
  const theirs = [...(await bench.managers(2, one)), await bench.manager(one, 'bob')];
  const own = await bench.manager(two, 'eve');
  await bench.clock.advance(1000);
  expect(await two.shared.freeNode(one.shared.state().nodeId)).toBe(3);
  await bench.clock.advance(1500);
  expect(theirs.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
  expect(one.factory.stats().released.byReason).toEqual({ freed: 3 });
  expect(own.state).toBe('active');
  expect(await two.shared.freeNode(two.shared.state().nodeId)).toBe(1);
  await bench.clock.advance(500);
  expect(own.state).toBe('closed');
});

test('[QU80] what is being asked when the factory is closed rejects with it, where the store does not answer', async () => {
  const bench = new SharedBench();
  const node = bench.node();
  await bench.clock.advance(10);
  node.wire.state = 'hang';
  const { shared } = node;
  const asked = [shared.usage('ada'), shared.users(), shared.freeUser('ada'), shared.freeNode('node-a')];
  const outcomes = Promise.allSettled(asked);
  const closed = node.factory.close();
  await bench.clock.advance(1000);
  await closed;
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'the factory is closed' } });
});

describe.skipIf(!HAS_REDIS)('on a real server', () => {
  test('[QU88] no name of a node frees the leases of all of them', async () => {
    const server = await redis();
    const client = await CLIENTS['node-redis'](server.port);
    const quota = redisQuota({ client });
    const factory = createManagerFactory({ quota });
    factory.start();
    atEnd(() => factory.close());
    expect(await factory.admit({ user: 'ada' }, { withoutConnection: true })).toMatchObject({ admitted: true });
    await expect(factory.shared?.freeNode('')).rejects.toThrow('nodeId must be');
    expect(await quota.store.freeNode('', undefined)).toMatchObject({ freed: 0 });
    expect(await factory.shared?.usage('ada')).toMatchObject({ held: 1 });
  });
});
