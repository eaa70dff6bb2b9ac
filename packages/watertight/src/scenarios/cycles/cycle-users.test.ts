import { expect, test } from 'vitest';

import { cycleUsers } from './cycle-users.ts';

const COUNT = 2_000;

test('[N51] newcomers are the users of the cycles first, so that one is known afterwards, and then nobody twice', () => {
  const { users, newcomer } = cycleUsers((index) => `user-${index}`, true);
  const came = Array.from({ length: COUNT }, () => newcomer?.());
  expect(came.slice(0, users.length)).toEqual(users);
  expect(new Set(came).size).toBe(COUNT);
  expect(cycleUsers((index) => `user-${index}`, false)).toMatchObject({ users, newcomer: undefined });
});
