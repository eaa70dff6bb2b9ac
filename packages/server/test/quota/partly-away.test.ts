import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/quota/memory-store.ts';
import { recordEvents } from '../factory-kit.ts';
import { type BenchNode, SharedBench } from './shared-bench.ts';

const SECOND_MS = 1000;

/** As on a cluster, where no two users may be in one command. */
class OneByOne extends MemoryStore {
  override readonly usersPerCall: number = 1;
}

/** Users whose part of the store is down. */
const LOST = 'lost';

function breakPart({ wire }: BenchNode): void {
  wire.refuses = (name, args) => name !== 'beat' && JSON.stringify(args).includes(`"user":"${LOST}`);
}

function mend({ wire }: BenchNode): void {
  wire.refuses = () => false;
}

function benchInParts(): SharedBench {
  const bench = new SharedBench();
  bench.store = new OneByOne(() => bench.clock.now() + bench.storeAheadMs);
  return bench;
}

test('[QU91] while a store answers for some users and not for others, that is one outage, told once and again when it is known to be partial', async () => {
  const bench = benchInParts();
  const node = bench.node();
  for (let user = 0; user < 20; user += 1)
    for (const name of [LOST, 'well']) await bench.manager(node, `${name} ${user}`);
  const events = recordEvents(['watertight:store:away', 'watertight:store:back', 'watertight:lease:lost']);
  const before = node.wire.count('renew');
  breakPart(node);
  for (let second = 0; second < 60; second += 1) {
    for (const name of [LOST, 'well']) await bench.admit(node, `${name} newcomer ${second}`);
    await bench.clock.advance(SECOND_MS);
  }
  expect(events.filter(({ name }) => name.endsWith('away')).length).toBeLessThanOrEqual(2);
  expect(node.errors.length).toBeLessThanOrEqual(2);
  // Each lease each 8 to 12 s, and once more for either return: 40 leases at the beginning, 130 at the end.
  expect(node.wire.count('renew') - before).toBeLessThan(9 * 130);
  expect(node.shared.state().awayForMs).toBeGreaterThan(59 * SECOND_MS);
  mend(node);
  await bench.clock.advance(13 * SECOND_MS);
  expect(node.shared.state().awayForMs).toBeNull();
  expect(events.at(-1)?.name).toBe('watertight:store:back');
  expect(node.factory.usage(`${LOST} 3`).held).toBe(1);
  expect(await bench.held(`${LOST} 3`)).toBe(1);
  expect(await bench.held(`${LOST} newcomer 3`)).toBe(1);
});

test('[QU91] whom it answers for is held to the limit exactly, for whom it does not the policy decides, for failOpenMs from the first failure', async () => {
  const bench = benchInParts();
  const node = bench.node();
  const other = bench.node();
  await bench.managers(18, other, 'well');
  await bench.managers(2, node, LOST);
  breakPart(node);
  const outcomes = new Map<string, string[]>();
  for (let second = 0; second < 50; second += 1) {
    const admission = await bench.admit(node, `${LOST} newcomer ${second}`);
    const time = second < 30 ? 'at first' : 'later';
    outcomes.set(time, [...(outcomes.get(time) ?? []), admission.admitted ? 'admitted' : admission.reason]);
    await bench.clock.advance(SECOND_MS);
    const well = await bench.admit(node, 'well');
    if (second < 2) expect(well.admitted).toBe(true);
    else expect(well).toMatchObject({ admitted: false, reason: 'user-limit', held: 20 });
  }
  expect(new Set(outcomes.get('at first'))).toEqual(new Set(['admitted']));
  expect(new Set(outcomes.get('later'))).toEqual(new Set(['quota-unavailable']));
});

test('[QU91] when the rest fails as well nobody waits for it any more, and when all is answered again it is known within 3 s', async () => {
  const bench = benchInParts();
  const node = bench.node({ whenStoreAway: 'fail-closed' });
  await bench.managers(2, node, LOST);
  breakPart(node);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await bench.admit(node, LOST);
    await bench.clock.advance(300);
    await bench.manager(node, 'well');
  }
  node.wire.state = 'fail';
  await bench.clock.advance(SECOND_MS);
  for (let attempt = 0; attempt < 20; attempt += 1) await bench.admit(node, `newcomer ${attempt}`);
  const asked = node.wire.count('acquire');
  for (let attempt = 0; attempt < 20; attempt += 1) await bench.admit(node, `later ${attempt}`);
  expect(node.wire.count('acquire')).toBe(asked);
  mend(node);
  node.wire.state = 'whole';
  await bench.clock.advance(3 * SECOND_MS);
  expect(node.shared.state().awayForMs).toBeNull();
  expect(await bench.admit(node, LOST)).toMatchObject({ admitted: true });
});
