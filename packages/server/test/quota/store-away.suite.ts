import { expect, test as register } from 'vitest';
import { recordEvents } from '../factory-kit.ts';
import type { Register } from './lease-store.suite.ts';
import { type BenchNode, SharedBench } from './shared-bench.ts';

const SECOND_MS = 1000;

/** Terms by which a node is silent for longer than a lease is good for. */
const SELDOM = { 'short leases': { leaseTtlMs: 500 }, 'rare notices': { noticeIntervalMs: 60_000 } } as const;

/** What a node does while the store is away, run for the keeper, and for faulty ones that must fail. */
export function storeAwaySuite(test: Register = register): void {
  test('[QU60] an admission never waits longer than commandTimeoutMs, and what the store did late is given back', async () => {
    const bench = new SharedBench();
    const node = bench.node({ whenStoreAway: 'fail-closed', commandTimeoutMs: 250 });
    await bench.clock.advance(10);
    node.wire.state = 'late';
    const admission = node.factory.admit({ user: 'ada' }, { withoutConnection: true });
    await bench.clock.advance(250);
    expect(await admission).toMatchObject({ admitted: false, reason: 'quota-unavailable', httpStatus: 503 });
    expect((await bench.store.usage({ user: 'ada', tenant: '' })).held).toBe(1);
    node.wire.state = 'whole';
    await bench.clock.advance(300);
    expect(await bench.held()).toBe(0);
  });

  test('[QU60] once the store is away nobody waits for it, and it is asked four times a second whether it is back', async () => {
    const bench = new SharedBench();
    const node = bench.node({ whenStoreAway: 'fail-closed' });
    await bench.clock.advance(10);
    node.wire.state = 'fail';
    await bench.admit(node);
    const asked = node.wire.count('acquire');
    for (let attempt = 0; attempt < 50; attempt += 1) await bench.admit(node, `user ${attempt}`);
    expect(node.wire.count('acquire')).toBe(asked);
    const beats = node.wire.count('beat');
    await bench.clock.advance(2 * SECOND_MS);
    expect(node.wire.count('beat') - beats).toBeGreaterThanOrEqual(7);
    expect(node.wire.count('beat') - beats).toBeLessThanOrEqual(9);
  });

  test('[QU61] fail-open: beside what it held, a node admits its share of the limit, for failOpenMs from the first failure', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node(), bench.node(), bench.node()] as const;
    const [node] = nodes;
    await bench.managers(4, node);
    await bench.clock.advance(SECOND_MS);
    expect(node.shared.state().nodes).toBe(3);
    node.wire.state = 'fail';
    await bench.managers(7, node);
    expect(await bench.admit(node)).toMatchObject({ admitted: false, reason: 'quota-unavailable' });
    await bench.clock.advance(29 * SECOND_MS);
    await bench.manager(node, 'bob');
    await bench.clock.advance(SECOND_MS);
    expect(await bench.admit(node, 'eve')).toMatchObject({ admitted: false, reason: 'quota-unavailable' });
    expect(node.factory.usage('ada').held).toBe(11);
  });

  for (const [what, terms] of Object.entries(SELDOM))
    test(`[QU92] nodes are counted while they live, also with ${what}, and share the limit`, async () => {
      const bench = new SharedBench();
      const nodes: BenchNode[] = [];
      for (let index = 0; index < 4; index += 1) {
        nodes.push(bench.node(terms));
        await bench.clock.advance(index * 100);
      }
      await bench.clock.advance(130 * SECOND_MS);
      for (let second = 0; second < 60; second += 1) {
        expect(nodes.map(({ shared }) => shared.state().nodes)).toEqual([4, 4, 4, 4]);
        await bench.clock.advance(SECOND_MS);
      }
      const node = nodes[0] ?? bench.node(terms);
      node.wire.state = 'fail';
      await bench.managers(5, node);
      expect((await bench.admit(node)).admitted).toBe(false);
    });

  test('[QU61] fail-open never goes beyond the limit of the user on one node', async () => {
    const bench = new SharedBench();
    const node = bench.node({ nodes: 1 }, { emergencyThreshold: false });
    await bench.managers(15, node);
    node.wire.state = 'fail';
    await bench.managers(5, node);
    expect(await bench.admit(node)).toMatchObject({ admitted: false, reason: 'user-limit', held: 20 });
  });

  test('[QU62] fail-closed: nobody new gets in, nobody who is in goes', async () => {
    const bench = new SharedBench();
    const node = bench.node({ whenStoreAway: 'fail-closed' });
    const managers = await bench.managers(3, node);
    node.wire.state = 'fail';
    expect(await bench.admit(node)).toMatchObject({
      admitted: false,
      reason: 'quota-unavailable',
      retry: 'retry-later',
    });
    await bench.clock.advance(120 * SECOND_MS);
    expect(managers.every(({ state }) => state === 'active')).toBe(true);
  });

  test('[QU63] local-only: each node holds its users to the whole limit by itself, however long', async () => {
    const bench = new SharedBench();
    const node = bench.node({ whenStoreAway: 'local-only' }, { emergencyThreshold: false });
    node.wire.state = 'fail';
    await bench.managers(10, node);
    await bench.clock.advance(300 * SECOND_MS);
    await bench.managers(10, node);
    expect(await bench.admit(node)).toMatchObject({ admitted: false, reason: 'user-limit' });
  });

  test('[QU64] when the store is back, who was admitted without it is made known, and what is too much goes, newest first', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node(), bench.node()] as const;
    await bench.managers(9, nodes[0]);
    await bench.managers(9, nodes[1]);
    await bench.clock.advance(SECOND_MS);
    const events = recordEvents(['watertight:store:away', 'watertight:store:back', 'watertight:lease:lost']);
    for (const { wire } of nodes) wire.state = 'fail';
    await bench.managers(8, nodes[0]);
    await bench.clock.advance(5);
    await bench.managers(6, nodes[1]);
    for (const { wire } of nodes) wire.state = 'whole';
    await bench.clock.advance(2500);
    expect(nodes.map(({ factory }) => factory.usage('ada').held)).toEqual([11, 9]);
    expect(await bench.held()).toBe(20);
    const published = (ending: string): number => events.filter(({ name }) => name.endsWith(ending)).length;
    expect([published(':away'), published(':back'), published(':lost')]).toEqual([2, 2, 12]);
    expect(events.filter(({ payload }) => payload['fate'] === 'over-limit')).toHaveLength(12);
    expect(nodes[0].errors.map(({ stage }) => stage)).toEqual(['quota']);
  });

  test('[QU96] strict: whoever came in while the store was away is made known when it is back, and only what is too much goes', async () => {
    const bench = new SharedBench();
    const nodes = [bench.node({ onLeaseLost: 'strict' }), bench.node({ onLeaseLost: 'strict' })] as const;
    await bench.managers(8, nodes[0]);
    await bench.managers(8, nodes[1]);
    await bench.clock.advance(SECOND_MS);
    for (const { wire } of nodes) wire.state = 'fail';
    await bench.managers(4, nodes[0]);
    await bench.manager(nodes[0], 'bob');
    await bench.clock.advance(5);
    await bench.managers(3, nodes[1]);
    for (const { wire } of nodes) wire.state = 'whole';
    await bench.clock.advance(2500);
    expect(nodes.map(({ factory }) => factory.usage('ada').held)).toEqual([12, 8]);
    expect(nodes[0].factory.usage('bob').held).toBe(1);
    expect([await bench.held(), await bench.held('bob')]).toEqual([20, 1]);
    expect(nodes.map(({ shared }) => shared.state().lost.expired)).toEqual([0, 0]);
    expect(nodes[1].factory.stats().released.byReason).toEqual({ 'over-limit': 3 });
  });

  test('[QU64] what could not be given back while the store was away is given back when it is there again', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    const managers = await bench.managers(10, node);
    node.wire.state = 'fail';
    for (const manager of managers) void manager.close();
    await bench.clock.advance(600);
    expect((await bench.store.usage({ user: 'ada', tenant: '' })).held).toBe(10);
    node.wire.state = 'whole';
    await bench.clock.advance(300);
    expect(await bench.held()).toBe(0);
  });

  test('[QU64] one command that was late is no reason to renew everything', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    await bench.managers(10, node);
    const renewals = node.wire.count('renew');
    node.wire.state = 'hang';
    const admission = node.factory.admit({ user: 'bob' }, { withoutConnection: true });
    await bench.clock.advance(250);
    node.wire.state = 'whole';
    expect(await admission).toMatchObject({ admitted: true });
    await bench.clock.advance(300);
    expect(node.shared.state()).toMatchObject({ awayForMs: null, timeouts: 1 });
    expect(node.wire.count('renew')).toBe(renewals);
  });

  test('[QU65] what is asked of the store alone says so when it is away, and the state is told all the same', async () => {
    const bench = new SharedBench();
    const node = bench.node();
    await bench.managers(2, node);
    node.wire.state = 'fail';
    await expect(node.shared.usage('ada')).rejects.toThrow('the store');
    await expect(node.shared.users()).rejects.toThrow('the store');
    await bench.admit(node, 'bob');
    await bench.clock.advance(500);
    expect(node.shared.state()).toMatchObject({ store: 'memory', awayForMs: 500, leases: 3, nodes: 1 });
  });

  test('[QU81] what somebody asks about all nodes decides nothing about who is admitted, whatever is asked and however long it takes', async () => {
    const bench = new SharedBench();
    const node = bench.node({ whenStoreAway: 'fail-closed' });
    const events = recordEvents(['watertight:store:away']);
    await bench.clock.advance(10);
    for (const query of [{ cursor: 'abc' }, { pageSize: 0 }, { pageSize: 10_001 }, { minHeld: -1 }, { minHeld: 0.5 }])
      await expect(node.shared.users(query)).rejects.toThrow(
        /^Invalid options:\n  - (cursor|pageSize|minHeld) must be/,
      );
    node.wire.answersAfterMs = 2000;
    const page = node.shared.users();
    node.wire.answersAfterMs = 0;
    await bench.clock.advance(2000);
    expect((await page).users).toEqual([]);
    node.wire.state = 'hang';
    const never = node.shared.users();
    const given = expect(never).rejects.toThrow('the store did not answer within 5000 ms');
    node.wire.state = 'whole';
    await bench.clock.advance(5000);
    await given;
    node.wire.state = 'fail';
    await expect(node.shared.usage('ada')).rejects.toThrow('the store');
    node.wire.state = 'whole';
    expect(await bench.admit(node)).toMatchObject({ admitted: true });
    expect(events).toEqual([]);
  });
}
