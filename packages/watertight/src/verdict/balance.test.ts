import type { FactoryStats } from '@watertight/server';
import { expect, test } from 'vitest';
import { imbalances } from './balance.ts';

const NOTHING = { count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0, totalMs: 0, overDeadline: 0, upTo: [] };

const BALANCED: FactoryStats = {
  name: 'chat',
  state: 'open',
  takenAtMs: 0,
  created: 9,
  active: 3,
  pending: 1,
  closing: 2,
  released: { total: 3, byReason: { silent: 1, 'client-close': 2 } },
  limitHits: 0,
  refusedByReason: {},
  users: 2,
  perUser: [
    { user: 'ada', held: 3, pending: 0, active: 3, closing: 0, limit: 20 },
    { user: 'bob', held: 1, pending: 1, active: 0, closing: 2, limit: 20 },
  ],
  refusalAnswers: { close: 0, http: 0, destroy: 0 },
  refusalBudget: { close: null, http: null },
  earlyBudget: { bytes: null, messages: null },
  overrides: { count: 0, banned: 0 },
  addresses: 0,
  connectRates: { trackedUsers: 0, trackedAddresses: 0 },
  connections: 3,
  withoutConnection: 0,
  oldestAgeMs: 1,
  oldestWithoutConnectionAgeMs: null,
  cleanup: {
    slotReusable: { ...NOTHING, count: 5 },
    socketGone: NOTHING,
    finalizersDone: { ...NOTHING, count: 3 },
  },
  emergency: {
    runs: 0,
    running: 0,
    lastRunAtMs: null,
    usersInEmergency: 0,
    removed: { dead: 0, neverAttached: 0, silent: 0, forced: 0 },
  },
  liveness: {
    asked: 0,
    idle: 0,
    stuckClosing: 0,
    heldUp: 0,
    longestHeldUpMs: 0,
    suspensions: 0,
    longestSliceMs: 0,
  },
  pressure: { state: 'normal', level: 0, managers: null, heap: null, eventLoopDelay: null },
  suspicions: { standing: 0, standingByKind: {}, raised: 0, recovered: 0 },
  slowConsumers: { now: 0, framesDropped: 0, terminated: 0 },
  sweep: {
    running: true,
    runs: 0,
    removed: 0,
    lastRunAtMs: null,
    lastDurationMs: null,
    longestSliceMs: 0,
    lastError: null,
  },
};

/** What differs from it when everybody has gone. */
const NOBODY = {
  created: 3,
  active: 0,
  pending: 0,
  closing: 0,
  users: 0,
  perUser: [],
  connections: 0,
  oldestAgeMs: null,
  cleanup: { ...BALANCED.cleanup, slotReusable: { ...NOTHING, count: 3 } },
};

test('[V14] a snapshot whose counts add up has nothing to say', () => {
  expect(imbalances(BALANCED, 20)).toEqual([]);
  expect(imbalances(BALANCED, 20, 2)).toEqual([]);
  expect(imbalances({ ...BALANCED, ...NOBODY }, 20)).toEqual([]);
  const late = { ...BALANCED.cleanup, slotReusable: { ...NOTHING, count: 4 } };
  expect(imbalances({ ...BALANCED, cleanup: late }, 20)).toEqual([]);
  expect(imbalances({ ...BALANCED, cleanup: late }, 20, 2)).toEqual(['slots freed 4 is not released 3 + closing 2']);
});

test.each([
  ['a manager that was created and is nowhere', { created: 10 }, /^created 10 is not/],
  ['a release without a reason', { released: { total: 3, byReason: { silent: 1 } } }, /sum of its reasons, 1/],
  [
    'an emergency of a user who has left',
    { emergency: { ...BALANCED.emergency, usersInEmergency: 3 } },
    /^users in emergency 3/,
  ],
  ['a slot that was never freed', { cleanup: { ...BALANCED.cleanup, slotReusable: NOTHING } }, /^slots freed 0/],
  [
    'a cleanup that was never timed',
    { cleanup: { ...BALANCED.cleanup, finalizersDone: NOTHING } },
    /last finalizer, 0/,
  ],
  [
    'a user who has nothing any more',
    {
      users: 3,
      perUser: [...BALANCED.perUser, { user: 'eve', held: 0, pending: 0, active: 0, closing: 0, limit: 20 }],
    },
    /^user "eve" is named/,
  ],
  ['a user too few', { users: 1 }, /^users 1 is not/],
  ['no number of users at all', { users: undefined as unknown as number }, /which is no number/],
  [
    'a closing one whom no user has',
    { perUser: BALANCED.perUser.map((user) => ({ ...user, closing: 0 })) },
    /closing 2/,
  ],
  [
    'a pending one whom no user has',
    { perUser: BALANCED.perUser.map((user) => ({ ...user, active: user.held, pending: 0 })) },
    /^pending 1 is not the sum over users, 0$/,
  ],
  ['a connection of nobody', { ...NOBODY, connections: 1 }, /^there are no managers, but connections 1$/],
  ['nobody, who is old', { ...NOBODY, oldestAgeMs: 40 }, /^there are no managers, but the oldest is 40 ms old$/],
  [
    'nobody, who is without connection',
    { ...NOBODY, withoutConnection: 2 },
    /^there are no managers, but 2 without connection$/,
  ],
  [
    'an active one whom no user has',
    { perUser: BALANCED.perUser.map((user) => ({ ...user, active: 0 })) },
    /pending 4/,
  ],
] as const)('[V14] %s is said', (_what, change, sentence) => {
  expect(imbalances({ ...BALANCED, ...change }, 20).join('\n')).toMatch(sentence);
});

test('[V14] users who are not named are not missed', () => {
  expect(imbalances({ ...BALANCED, users: 500, perUser: BALANCED.perUser.slice(0, 1) }, 1)).toEqual([]);
});
