import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { systemClock } from '@watertight/server';
import { expect, test } from 'vitest';

import { ACTION_NAMES } from '../src/action-names.ts';
import { ACTION_CHANNEL, type ActionEvent } from '../src/index.ts';
import { atEnd, factoryOf, servedBoard, TOKEN, until } from './dashboard-kit.ts';

/** Every action that is published until the test ends. */
function published(): ActionEvent[] {
  const events: ActionEvent[] = [];
  const take = (event: unknown): void => void events.push(event as ActionEvent);
  subscribe(ACTION_CHANNEL, take);
  atEnd(() => unsubscribe(ACTION_CHANNEL, take));
  return events;
}

test('[DB13, DB16] without being enabled nothing is done, and the attempt is published', async () => {
  const events = published();
  const { act, client, factory, get } = await servedBoard({ actions: ['end-manager'] });
  await client('ada');
  expect(await act('end-user', { user: 'ada' })).toMatchObject({
    status: 403,
    json: { error: "end-user is not enabled: name it in the option 'actions' of the dashboard" },
  });
  expect(factory.usage('ada').held).toBe(1);
  expect(events).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-/) as unknown,
      action: 'end-user',
      by: 'token',
      remoteAddress: '127.0.0.1',
      factory: 'chat',
      user: 'ada',
      managerId: null,
      given: {},
      outcome: 'refused',
      detail: "end-user is not enabled: name it in the option 'actions' of the dashboard",
    },
  ]);
  expect((await get('api/actions')).json).toEqual(events);
});

test('[DB13] whoever may only look does nothing', async () => {
  const { act, client, factory } = await servedBoard({
    actions: true,
    authenticate: () => ({ name: 'intern', mayAct: false }),
  });
  await client('ada');
  expect(await act('end-user', { user: 'ada' })).toMatchObject({
    status: 403,
    json: { error: 'you may look and not act' },
  });
  expect(factory.usage('ada').held).toBe(1);
});

test('[DB13] what is not understood in whole is refused, and nothing is done', async () => {
  const events = published();
  const { act, client, factory } = await servedBoard({ actions: true });
  await client('ada');
  for (const [action, body, message] of [
    ['end-user', {}, 'user must be a text'],
    ['end-manager', { user: 'ada' }, 'managerId must be a text'],
    ['set-override', { user: 'ada', maxManagers: -1 }, 'a whole number of managers from 0'],
    ['set-override', { user: 'ada', maxManagers: '5' }, 'a whole number of managers from 0'],
    ['emergency-cleanup', { level: 'force' }, 'level must be conservative or moderate'],
    ['drain', { windowMs: -1 }, 'windowMs must be a number from 0 to 3600000 ms'],
    ['end-user', [], 'the body must be a JSON object'],
    ['end-user', { factory: 'other', user: 'ada' }, 'there is no factory of this name'],
    ['fly', {}, 'there is no such action'],
  ] as const) {
    const { status, json } = await act(action, body);
    expect([Math.floor(status / 100), json], action).toEqual([
      4,
      { error: expect.stringContaining(message) as unknown },
    ]);
  }
  expect((await act('end-user', { user: 'x'.repeat(20_000) })).status).toBe(413);
  expect([factory.usage('ada').held, factory.overrides(), events]).toEqual([1, [], []]);
});

test('[DB14, DB16] a manager is ended, then all of a user, each with the reason of an operator', async () => {
  const events = published();
  const { act, client, factory, get } = await servedBoard({ actions: true });
  for (let count = 0; count < 3; count += 1) await client('ada');
  await client('bob');
  const [first] = factory.managersOf('ada');
  const managerId = first?.id ?? '';
  const one = await act('end-manager', { user: 'ada', managerId });
  expect(one).toMatchObject({ status: 200, json: { detail: expect.stringMatching(/^ended in \d+ ms$/) as unknown } });
  expect([factory.usage('ada').held, (await first?.released)?.reason]).toEqual([2, 'ended-by-operator']);
  expect((await act('end-manager', { user: 'ada', managerId })).status).toBe(404);
  expect((await act('end-user', { user: 'ada' })).json).toEqual({ detail: '2 managers ended' });
  expect([factory.usage('ada').held, factory.usage('bob').held]).toEqual([0, 1]);
  expect(factory.stats().released.byReason).toEqual({ 'ended-by-operator': 3 });
  expect(events.map(({ action, outcome, managerId: id }) => [action, outcome, id])).toEqual([
    ['end-manager', 'done', managerId],
    ['end-manager', 'refused', managerId],
    ['end-user', 'done', null],
  ]);
  expect((await get('api/actions')).json).toEqual(events.toReversed());
});

test('[DB16] each action is published with whom it was done to, what was asked for and what came of it', async () => {
  const events = published();
  const { act, client, factory } = await servedBoard({ actions: true });
  for (const user of ['ada', 'ada', 'bob']) await client(user);
  const managerId = factory.managersOf('ada')[0]?.id ?? '';
  for (const [action, body] of [
    ['end-manager', { user: 'ada', managerId }],
    ['end-user', { user: 'ada' }],
    ['set-override', { user: 'bob', maxManagers: 7 }],
    ['clear-override', { user: 'bob' }],
    ['emergency-cleanup', { user: 'bob', level: 'conservative' }],
    ['emergency-cleanup', {}],
    ['drain', { windowMs: 50 }],
    ['drain', { windowMs: 50 }],
  ] as const)
    await act(action, body);
  const [ada, bob, everybody] = ['ada', 'bob', null];
  expect(events.map(({ action, user, managerId: id, given, outcome }) => [action, user, id, given, outcome])).toEqual([
    ['end-manager', ada, managerId, {}, 'done'],
    ['end-user', ada, null, {}, 'done'],
    ['set-override', bob, null, { maxManagers: 7 }, 'done'],
    ['clear-override', bob, null, {}, 'done'],
    ['emergency-cleanup', bob, null, { level: 'conservative' }, 'done'],
    ['emergency-cleanup', everybody, null, { level: 'moderate' }, 'done'],
    ['drain', everybody, null, { windowMs: 50 }, 'done'],
    ['drain', everybody, null, { windowMs: 50 }, 'refused'],
  ]);
  expect(new Set(events.map(({ action }) => action))).toEqual(new Set(ACTION_NAMES));
  for (const event of events)
    expect(event).toMatchObject({
      by: 'token',
      remoteAddress: '127.0.0.1',
      factory: 'chat',
      detail: expect.stringMatching(/./) as unknown,
    });
});

test('[DB16] an action that throws is published as failed, with what it threw', async () => {
  const events = published();
  const errors: unknown[] = [];
  const clock = { isBroken: false };
  const now = (): number => {
    if (clock.isBroken) throw new TypeError('the clock is broken');
    return systemClock.now();
  };
  const factory = factoryOf({ clock: { ...systemClock, now } });
  const { act } = await servedBoard({ factory, actions: true, onError: (error) => errors.push(error) });
  factory.tryAdmit({ user: 'ada' }, { withoutConnection: true });
  clock.isBroken = true;
  expect((await act('emergency-cleanup', {})).status).toBe(500);
  clock.isBroken = false;
  expect(events).toMatchObject([
    { action: 'emergency-cleanup', user: null, outcome: 'failed', detail: 'TypeError: the clock is broken' },
  ]);
  expect(errors.map(String)).toContain('TypeError: the clock is broken');
});

test('[DB14] an override is set, bans, is lifted; what the factory refuses is told', async () => {
  const { act, factory } = await servedBoard({ actions: true });
  expect((await act('set-override', { user: 'ada', maxManagers: 3 })).json).toEqual({ detail: 'may hold 3' });
  expect(factory.usage('ada').limit).toBe(3);
  expect((await act('set-override', { user: 'ada', maxManagers: 'unlimited' })).status).toBe(200);
  expect(factory.usage('ada').limit).toBe(false);
  await act('set-override', { user: 'ada', maxManagers: 0 });
  expect(factory.tryAdmit({ user: 'ada' }, { withoutConnection: true })).toMatchObject({ reason: 'banned' });
  expect((await act('clear-override', { user: 'ada' })).json).toEqual({ detail: 'the options hold again' });
  expect(factory.overrides()).toEqual([]);
  const tooLong = await act('set-override', { user: 'x'.repeat(300), maxManagers: 1 });
  expect(tooLong).toMatchObject({ status: 400, json: { error: expect.stringContaining('256 bytes') as unknown } });
});

test('[DB14] an emergency cleanup is shown beforehand, and removes whoever does not answer', async () => {
  const { act, client, factory, get } = await servedBoard(
    { actions: true },
    { heartbeatIntervalMs: 100, heartbeatMisses: 50, probeTimeoutMs: 100 },
  );
  const deaf = await client('ada');
  await client('bob');
  deaf.pause();
  const asked = async (): Promise<unknown> =>
    ((await get('api/emergency-preview?user=ada')).json as { ask: number }).ask;
  await until(async () => (await asked()) === 1, 'who is deaf is a suspect');
  expect(factory.usage('ada').held).toBe(1);
  expect((await get('api/emergency-preview?level=force')).status).toBe(400);
  const done = await act('emergency-cleanup', {});
  expect(done.json).toMatchObject({
    detail: expect.stringContaining('1 manager removed (0 dead, 0 never attached, 1 silent)') as unknown,
  });
  expect([factory.usage('ada').held, factory.usage('bob').held]).toEqual([0, 1]);
});

test('[DB14] a drain begins once, and everybody is closed', async () => {
  const { act, client, factory, get } = await servedBoard({ actions: ['drain'] });
  await client('ada');
  expect((await act('drain', { windowMs: 100 })).json).toEqual({ detail: '1 manager will be closed within 100 ms' });
  expect(factory.ready).toBe(false);
  expect((await act('drain', {})).status).toBe(409);
  await until(() => factory.stats().state === 'closed', 'it is closed');
  expect((await get('api/overview')).status).toBe(200);
});

test('[DB15] what a page of another origin could send changes nothing', async () => {
  const { act, client, factory, port, url } = await servedBoard({ actions: true });
  await client('ada');
  for (const headers of [
    { 'x-watertight-dashboard': undefined },
    { 'content-type': 'text/plain' },
    { 'content-type': undefined },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const { status } = await act('end-user', { user: 'ada' }, headers);
    expect(status, JSON.stringify(headers)).toBe(403);
  }
  expect(factory.usage('ada').held).toBe(1);
  // As its own page asks.
  const { status } = await act('end-user', { user: 'ada' }, { origin: `http://127.0.0.1:${port}`, referer: url });
  expect([status, factory.usage('ada').held]).toEqual([200, 0]);
  expect((await act('end-user', { user: 'ada' }, { authorization: `Bearer ${TOKEN}x` })).status).toBe(401);
});
