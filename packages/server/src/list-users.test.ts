import { expect, test } from 'vitest';
import { Bench, atEnd } from '../test/factory-kit.ts';
import { createManagerFactory } from './factory.ts';
import type { UserList } from './user-list.ts';

async function listed(bench: Bench, query?: Parameters<Bench['factory']['users']>[0]): Promise<UserList> {
  const list = bench.factory.users(query);
  await bench.clock.settle();
  return list;
}

test('[T12] users come page by page, who holds most first, each exactly once', async () => {
  const bench = new Bench();
  for (let user = 0; user < 25; user += 1) bench.managers(1 + (user % 3), `user-${String(user).padStart(2, '0')}`);
  const seen: string[] = [];
  const held: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await listed(bench, { pageSize: 7, cursor });
    expect(page.matching).toBe(25);
    seen.push(...page.users.map(({ user }) => user));
    held.push(...page.users.map((usage) => usage.held));
    ({ cursor } = page);
  } while (cursor !== undefined);
  expect(new Set(seen).size).toBe(25);
  expect(held).toEqual(held.toSorted((one, other) => other - one));
  expect(seen.slice(0, 2)).toEqual(['user-02', 'user-05']);
});

test('[T12] users are filtered by what they hold and by a part of their id', async () => {
  const bench = new Bench();
  bench.managers(4, 'Ada:1');
  bench.managers(1, 'ada:2');
  bench.managers(6, 'bob');
  expect((await listed(bench, { contains: 'ADA' })).users.map(({ user }) => user)).toEqual(['Ada:1', 'ada:2']);
  const many = await listed(bench, { minHeld: 4 });
  expect(many.users.map(({ user, held }) => [user, held])).toEqual([
    ['bob', 6],
    ['Ada:1', 4],
  ]);
  // The cursor takes any id, colons too.
  const { cursor } = await listed(bench, { pageSize: 2 });
  expect((await listed(bench, { pageSize: 2, cursor })).users.map(({ user }) => user)).toEqual(['ada:2']);
  expect(await listed(new Bench())).toEqual({ users: [], matching: 0, cursor: undefined });
});

test('[T12] a query that is not allowed is refused, each problem with its value and bound', async () => {
  const bench = new Bench();
  const bad = { minHeld: -1, pageSize: 1001, contains: 'x'.repeat(257), cursor: 'ada' };
  await expect(bench.factory.users(bad)).rejects.toThrow(
    /minHeld must be .* from 0 .*got -1 managers[^]*pageSize must be .* from 1 to 1000 users; got 1001[^]*contains .*256 characters[^]*cursor .*got "ada"/,
  );
});

test('[T12] listing very many users lets others run', async () => {
  const factory = createManagerFactory({ maxManagersPerUser: false });
  factory.start();
  atEnd(() => factory.close());
  for (let user = 0; user < 40_000; user += 1) factory.tryAdmit({ user: `u${user}` }, { withoutConnection: true });
  let turns = 0;
  let done = false;
  const between = (): void => {
    turns += 1;
    if (!done) setImmediate(between);
  };
  setImmediate(between);
  const { users, matching } = await factory.users({ pageSize: 50 });
  done = true;
  expect([users.length, matching]).toEqual([50, 40_000]);
  expect(turns).toBeGreaterThan(1);
});
