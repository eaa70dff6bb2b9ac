import { request as httpRequest } from 'node:http';
import type { AlertView } from '@watertight/server/alerts';
import { expect, test } from 'vitest';

import { changesBetween } from '../src/changes.ts';
import type { Change, EndedManager, History, Overview, UserPage } from '../src/index.ts';
import { eventsOf, factoryOf, servedBoard, TOKEN, until } from './dashboard-kit.ts';

test('[DB7] the overview has every factory with its statistics, options, rates, quota and what fires', async () => {
  const { get, client, factory } = await servedBoard();
  await client('ada');
  await client('ada');
  await until(() => factory.stats().active === 2, 'both are active');
  const { status, json } = await get('api/overview');
  const overview = json as Overview;
  expect(status).toBe(200);
  expect(overview).toMatchObject({
    version: 1,
    process: { pid: process.pid, loopDelay: { p99Ms: expect.any(Number) as unknown } },
    factories: [{ name: 'chat', options: { maxManagersPerUser: 20 }, quota: null, alerts: [] }],
    looks: { everyMs: 200, viewers: 0 },
  });
  await until(
    async () => ((await get('api/overview')).json as Overview).factories[0]?.stats.active === 2,
    'it is seen',
  );
  const seen = (await get('api/overview')).json as Overview;
  expect(seen.factories[0]?.stats.perUser).toEqual([expect.objectContaining({ user: 'ada', held: 2 })]);
});

test('[DB7] asked again and again it looks no more often than its interval', async () => {
  const { get } = await servedBoard({ intervalMs: 60_000 });
  const first = ((await get('api/overview')).json as Overview).takenAt;
  for (let count = 0; count < 20; count += 1)
    expect(((await get('api/overview')).json as Overview).takenAt).toBe(first);
});

test('[DB24] alerts are looked for as often as it says, by the rules that it gives', async () => {
  const rules = [
    { name: 'Busy', severity: 'warning', summary: 'Somebody is here.', raiseAt: 1, clearBelow: 1, forMs: 0 } as const,
  ].map((rule) => ({ ...rule, value: ({ stats }: AlertView) => stats.active, user: () => 'ada' }));
  const { get, client } = await servedBoard({ alerts: { intervalMs: 100, rules } });
  await client('ada');
  const firing = async (): Promise<Overview['factories'][number]['alerts']> =>
    ((await get('api/overview')).json as Overview).factories[0]?.alerts ?? [];
  await until(async () => (await firing()).length > 0, 'it fires');
  expect(await firing()).toEqual([expect.objectContaining({ rule: 'Busy', user: 'ada', state: 'firing' })]);
});

test('[DB8] all who watch are told the same changes, and come to what the overview says', async () => {
  const { client, port, board } = await servedBoard();
  const path = `${board.path}api/events`;
  const [one, other] = [eventsOf(port, path), eventsOf(port, path)];
  const [first, second] = [await one.next(), await other.next()];
  expect([first.value?.name, second.value?.name]).toEqual(['overview', 'overview']);
  await client('ada');
  let seen = first.value?.data as Overview;
  while (seen.factories[0]?.stats.active !== 1 || board.overview().takenAt !== seen.takenAt) {
    const [mine, theirs] = [await one.next(), await other.next()];
    expect(mine.value?.name).toBe('change');
    expect(theirs.value).toEqual(mine.value);
    seen = applied(seen, mine.value?.data as readonly Change[]);
  }
  expect(seen.looks.viewers).toBe(2);
  expect(JSON.parse(JSON.stringify(board.overview()))).toEqual(seen);
  await one.return(undefined);
  await other.return(undefined);
  await until(() => board.overview().looks.viewers === 0, 'nobody watches any more');
});

test('[DB8] who leaves while it is found out who it is takes no place', async () => {
  let isAsked = false;
  let answer: (isKnown: boolean) => void = () => undefined;
  const { port, board, server } = await servedBoard({
    maxViewers: 1,
    authenticate: () => {
      if (isAsked) return true;
      isAsked = true;
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  const path = `${board.path}api/events`;
  const leaving = httpRequest({ host: '127.0.0.1', port, path, agent: false });
  leaving.on('error', () => undefined);
  leaving.end();
  await until(() => isAsked, 'it is asked who it is');
  leaving.destroy();
  const count = (): Promise<number> => new Promise((resolve) => server.getConnections((_, open) => resolve(open)));
  await until(async () => (await count()) === 0, 'it left');
  answer(true);
  const other = eventsOf(port, path, {});
  expect((await other.next()).value?.name).toBe('overview');
  await other.return(undefined);
});

test('[DB8] who is let in only after the dashboard was closed gets no stream and does nothing', async () => {
  const answers: ((isKnown: boolean) => void)[] = [];
  const { get, act, board, factory } = await servedBoard({
    actions: ['drain'],
    authenticate: () => new Promise((resolve) => void answers.push(resolve)),
  });
  const asked = [get('api/events'), act('drain', { factory: 'chat' })];
  await until(() => answers.length === 2, 'both are being decided');
  await board.close();
  for (const answer of answers) answer(true);
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([503, 503]);
  expect(factory.ready).toBe(true);
});

test('[DB8] pages that come again and again keep nobody from being told what changes', async () => {
  const { port, board } = await servedBoard({ intervalMs: 500 });
  const watching = eventsOf(port, `${board.path}api/events`);
  await watching.next();
  const over = new AbortController();
  const others = (async () => {
    while (!over.signal.aborted) {
      const other = eventsOf(port, `${board.path}api/events`);
      await other.next();
      await other.return(undefined);
    }
  })();
  expect((await watching.next()).value?.name).toBe('change');
  expect((await watching.next()).value?.name).toBe('change');
  over.abort();
  await others;
  await watching.return(undefined);
});

test('[DB8] more viewers than allowed are refused, and closing ends those who are there', async () => {
  const { get, port, board } = await servedBoard({ maxViewers: 1 });
  const watching = eventsOf(port, `${board.path}api/events`);
  await watching.next();
  expect(await get('api/events')).toMatchObject({
    status: 503,
    json: { error: expect.stringContaining('as many pages') as unknown },
  });
  const rest = (async () => {
    let count = 0;
    for await (const _ of watching) count += 1;
    return count;
  })();
  await board.close();
  expect(await rest).toBeGreaterThanOrEqual(0);
});

test('[DB8] changes are the least that make one state of another', () => {
  const before = { a: 1, b: { c: [1, 2], d: null }, e: [{ f: 1 }] };
  expect(changesBetween(before, structuredClone(before))).toEqual([]);
  expect(changesBetween(before, { a: 2, b: { c: [1, 2], d: 3 }, e: [{ f: 2 }] })).toEqual([
    [['a'], 2],
    [['b', 'd'], 3],
    [['e', 0, 'f'], 2],
  ]);
  expect(changesBetween(before, { a: 1, b: { c: [1], d: null, g: 1 }, e: [] })).toEqual([
    [['b'], { c: [1], d: null, g: 1 }],
    [['e'], []],
  ]);
});

test('[DB9] users come page by page, filtered and searched; a bad question is told what is wrong with it', async () => {
  const { get, factory } = await servedBoard();
  for (const user of ['ada', 'ada lovelace', 'bob', 'bob']) factory.tryAdmit({ user }, { withoutConnection: true });
  const page = (await get('api/users?pageSize=1')).json;
  expect(page).toMatchObject({ users: [{ user: 'bob', held: 2 }], matching: 3, cursor: '2:bob' });
  expect((await get('api/users?pageSize=2&cursor=2%3Abob')).json).toMatchObject({
    users: [{ user: 'ada' }, { user: 'ada lovelace' }],
  });
  expect((await get('api/users?contains=LOVE&minHeld=1')).json).toMatchObject({ matching: 1 });
  expect(await get('api/users?pageSize=0&minHeld=-3')).toMatchObject({
    status: 400,
    json: { error: expect.stringMatching(/minHeld .*got -3[^]*pageSize .*got 0/) as unknown },
  });
  expect(await get('api/users?pageSize=many')).toMatchObject({ status: 400 });
  expect(await get('api/users?factory=other')).toMatchObject({ status: 404 });
  expect(await get('api/shared-users')).toMatchObject({ status: 404 });
});

test('[DB10] one user is shown with its managers, what they own, and how the last ones ended', async () => {
  const { get, client, factory } = await servedBoard({}, { heartbeatIntervalMs: false });
  const leaving = await client('<b>ada</b> & "co"/?#');
  await client('<b>ada</b> & "co"/?#');
  const [, staying] = factory.managersOf('<b>ada</b> & "co"/?#');
  staying?.defer(() => undefined, { name: 'unsubscribe' });
  leaving.terminate();
  await until(() => factory.stats().released.total === 1, 'one has left');
  const { json } = await get(`api/user?user=${encodeURIComponent('<b>ada</b> & "co"/?#')}`);
  const { user, look, shared, ends } = json as UserPage;
  expect([user, look.managers.length, shared]).toEqual(['<b>ada</b> & "co"/?#', 1, null]);
  expect(look.managers[0]).toMatchObject({ id: staying?.id, state: 'active', connections: 1 });
  expect(look.managers[0]?.owned.listed.map(({ name }) => name)).toContain('unsubscribe');
  expect(ends).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-/) as unknown,
      factory: 'chat',
      report: expect.objectContaining({ user, deadlineMet: true }) as unknown,
    },
  ]);
  expect((await get('api/user')).status).toBe(400);
});

test('[DB11] the last ends are remembered, so many and no more, each with reason and times', async () => {
  const { get, factory } = await servedBoard({ rememberedEnds: 5 });
  const other = factoryOf({ name: 'not shown' });
  for (let count = 0; count < 8; count += 1) {
    const admission = factory.tryAdmit({ user: `u${count % 2}` }, { withoutConnection: true });
    if (admission.admitted) await admission.manager.close(count === 7 ? 'last' : 'other');
  }
  const elsewhere = other.tryAdmit({ user: 'x' }, { withoutConnection: true });
  if (elsewhere.admitted) await elsewhere.manager.close();
  const ends = (await get('api/ends')).json as readonly EndedManager[];
  expect(ends.map(({ report }) => [report.user, report.reason])).toEqual([
    ['u1', 'last'],
    ['u0', 'other'],
    ['u1', 'other'],
    ['u0', 'other'],
    ['u1', 'other'],
  ]);
  expect((await get('api/ends?user=u1&reason=other&count=1')).json).toHaveLength(1);
  expect((await get('api/ends?count=0')).status).toBe(400);
});

test('[DB12] the history has one figure of each kind for every look', async () => {
  const { get, port, board } = await servedBoard();
  const watching = eventsOf(port, `${board.path}api/events`, { authorization: `Bearer ${TOKEN}` });
  for (let count = 0; count < 3; count += 1) await watching.next();
  const { atMs, process: ofProcess, factories } = (await get('api/history')).json as History;
  expect(atMs.length).toBeGreaterThanOrEqual(3);
  expect(atMs).toEqual(atMs.toSorted((one, other) => one - other));
  for (const column of [
    ofProcess.heapUsedBytes,
    ofProcess.loopDelayMs,
    factories['chat']?.held,
    factories['chat']?.refusedPerSecond,
  ])
    expect(column).toHaveLength(atMs.length);
  await watching.return(undefined);
});

/** As the page does it. */
function applied(overview: Overview, changes: readonly Change[]): Overview {
  const copy: unknown = structuredClone(overview);
  for (const [path, value] of changes) {
    let place = copy as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
    place[path.at(-1) ?? ''] = value;
  }
  return copy as Overview;
}

test('[DB45] of two factories that nobody named a dashboard shows the ends of its own', async () => {
  const other = factoryOf({ name: 'default' });
  const { client, factory, get } = await servedBoard({}, { name: 'default' });
  const theirs = await other.admitOrThrow({ user: 'eve' }, { withoutConnection: true });
  await theirs.close();
  (await client('ada')).close();
  await until(() => factory.stats().released.total === 1, 'it has ended');
  const ends = (await get('api/ends')).json as readonly EndedManager[];
  expect(ends.map(({ report }) => report.user)).toEqual(['ada']);
});
