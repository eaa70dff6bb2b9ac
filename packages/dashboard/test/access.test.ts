import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createManagerFactory, InvalidOptionsError } from '@watertight/server';
import express from 'express';
import { expect, test } from 'vitest';

import { dashboard, type DashboardOptions, serveDashboard } from '../src/index.ts';
import { ask, atEnd, factoryOf, servedBoard, TOKEN } from './dashboard-kit.ts';

const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` });

test('[DB1] a dashboard that knows nobody is not made, and each bad option is named with its bound', () => {
  const factory = factoryOf();
  expect(() => dashboard({ factory })).toThrow('token, authenticate or loopbackOnly must be given');
  expect(() => dashboard({ factory, token: TOKEN, loopbackOnly: true })).toThrow('only one of token');
  expect(() => dashboard({ factory, token: 'short' })).toThrow('token must have at least 16 characters; it has 5');
  expect(() => dashboard({ token: TOKEN })).toThrow('factory, or factories, must be given');
  const twin = createManagerFactory({ name: 'chat' });
  atEnd(() => twin.close());
  const bad = { factories: [factory, twin], token: TOKEN, intervalMs: 1, basePath: 'x', actions: ['fly'], speed: 1 };
  expect(() => dashboard(bad as unknown as DashboardOptions)).toThrow(
    /speed is not an option[^]*two factories are called 'chat'[^]*basePath must be[^]*got "x"[^]*actions must be[^]*"fly"[^]*intervalMs must be a number from 200 to 3600000 ms; got 1/,
  );
});

test('[DB2] on a port of its own it is open to loopback alone, and does not start elsewhere without knowing anybody', async () => {
  const factory = factoryOf();
  await expect(serveDashboard({ factory, host: '0.0.0.0' })).rejects.toThrow(
    "host is '0.0.0.0', which other machines reach: give token or authenticate",
  );
  await expect(serveDashboard({ factory, host: '0.0.0.0', loopbackOnly: true })).rejects.toThrow('other machines');
  const board = await serveDashboard({ factory });
  atEnd(() => board.close());
  const path = '/api/overview';
  expect((await ask(board.port, { path })).status).toBe(200);
  // Names of anybody's can be pointed at 127.0.0.1, and a proxy on this machine brings others.
  expect((await ask(board.port, { path, headers: { host: 'evil.example' } })).status).toBe(403);
  expect((await ask(board.port, { path, headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(403);
  const open = await serveDashboard({ factory, host: '0.0.0.0', token: TOKEN });
  atEnd(() => open.close());
  expect((await ask(open.port, { path })).status).toBe(401);
  expect((await ask(open.port, { path, headers: bearer(TOKEN) })).status).toBe(200);
});

test('[DB3] a token lets in as bearer, or signs in with a cookie that scripts do not see', async () => {
  const { get, port, board } = await servedBoard();
  const none = await get('api/overview', {});
  expect([none.status, none.headers['www-authenticate'], none.json]).toEqual([
    401,
    'Bearer',
    { error: expect.stringContaining('Authorization: Bearer') as unknown, access: 'token' },
  ]);
  expect((await get('api/overview', bearer('a-token-of-24-characterz'))).status).toBe(401);
  expect((await get('api/overview', bearer('x'))).status).toBe(401);
  expect((await get('api/overview')).status).toBe(200);
  const signIn = (token: string): ReturnType<typeof ask> =>
    ask(port, {
      method: 'POST',
      path: `${board.path}api/session`,
      headers: { 'content-type': 'application/json', 'x-watertight-dashboard': '1' },
      body: JSON.stringify({ token }),
    });
  expect((await signIn('wrong')).status).toBe(401);
  const [cookie = ''] = (await signIn(TOKEN)).headers['set-cookie'] ?? [];
  expect(cookie).toMatch(
    /^watertight_dashboard=\d+\.[\w-]{43}; Path=\/watertight; Max-Age=43200; HttpOnly; SameSite=Strict$/,
  );
  const [value = ''] = cookie.split(';');
  expect((await get('api/session', { cookie: `other=1; ${value}` })).json).toEqual({
    name: 'token',
    access: 'token',
    actions: [],
  });
  const [, until = ''] = /=(\d+)\./.exec(value) ?? [];
  expect((await get('api/overview', { cookie: value.replace(until, `${Number(until) + 1}`) })).status).toBe(401);
  const out = await ask(port, {
    method: 'DELETE',
    path: `${board.path}api/session`,
    headers: { 'content-type': 'application/json', 'x-watertight-dashboard': '1' },
  });
  expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0');
});

test("[DB4] a function of the team's own decides, by request; when it fails nobody is let in", async () => {
  const errors: unknown[] = [];
  const { get } = await servedBoard({
    authenticate: ({ headers }) => {
      if (headers['x-who'] === 'crash') throw new Error('the directory is away');
      if (headers['x-who'] === 'ops') return { name: 'ops', mayAct: false };
      return headers['x-who'] === 'admin';
    },
    actions: true,
    onError: (error) => errors.push(error),
  });
  expect((await get('api/session', { 'x-who': 'ops' })).json).toEqual({ name: 'ops', access: 'function', actions: [] });
  expect((await get('api/session', { 'x-who': 'admin' })).json).toMatchObject({
    name: 'visitor',
    actions: expect.arrayContaining(['drain']) as unknown,
  });
  expect((await get('api/session', {})).status).toBe(401);
  expect((await get('api/session', { 'x-who': 'crash' })).status).toBe(503);
  expect(errors).toEqual([new Error('the directory is away')]);
});

test.each([
  ['', 401],
  [0, 401],
  [null, 401],
  [undefined, 401],
  ['ada', 503],
  [{}, 503],
])('[DB4] an answer of %j is no yes: nobody is let in', async (answer, status) => {
  const errors: unknown[] = [];
  const { get } = await servedBoard({
    authenticate: () => answer as never,
    onError: (error) => {
      errors.push(error);
      throw new Error('who is told fails as well');
    },
  });
  expect((await get('api/overview', {})).status).toBe(status);
  expect(errors).toHaveLength(status === 503 ? 1 : 0);
});

test('[DB5] every answer forbids frames, foreign scripts and reading from elsewhere', async () => {
  const { get } = await servedBoard();
  for (const path of ['', 'dashboard.mjs', 'api/overview', 'api/nothing']) {
    const { headers } = await get(path);
    expect(headers['content-security-policy'], path).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(headers, path).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin'], path).toBeUndefined();
  }
  expect((await get('api/overview', { ...bearer(TOKEN), 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await get('api/overview', { ...bearer(TOKEN), origin: 'https://evil.example' })).status).toBe(403);
});

test('[DB6] below its base path it answers everything, and nothing else', async () => {
  const { get, port, board } = await servedBoard({ basePath: '/ops/board/' });
  expect(board.path).toBe('/ops/board/');
  const statusOf = async (path: string, method = 'GET'): Promise<number> => (await ask(port, { path, method })).status;
  expect(await statusOf('/')).toBe(418);
  expect(await statusOf('/ops/boards')).toBe(418);
  expect((await ask(port, { path: '/ops/board' })).headers.location).toBe('/ops/board/');
  expect(await statusOf('/ops/board/?x=1')).toBe(200);
  expect(await statusOf('/ops/board/elsewhere')).toBe(404);
  expect(await statusOf('/ops/board/', 'POST')).toBe(405);
  expect(await statusOf('/ops/board/%2e%2e/package.json')).toBe(404);
  const page = await get('');
  expect((await get('', { 'if-none-match': page.headers.etag })).status).toBe(304);
  expect((await ask(port, { path: '/ops/board/', method: 'HEAD' })).text).toBe('');
  await board.close();
  await board.close();
  expect(await statusOf('/ops/board/')).toBe(503);
});

test('[DB6] it works behind a framework, mounted anywhere', async () => {
  const board = dashboard({ factory: factoryOf(), token: TOKEN });
  atEnd(() => board.close());
  const app = express();
  app.use(express.json());
  app.use('/watertight', (request, response, next) => {
    if (!board.handle(request, response)) next();
  });
  const server = app.listen(0, '127.0.0.1');
  atEnd(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect((await ask(port, { path: '/watertight/api/overview', headers: bearer(TOKEN) })).status).toBe(200);
  const signedIn = await ask(port, {
    method: 'POST',
    path: '/watertight/api/session',
    headers: { 'content-type': 'application/json', 'x-watertight-dashboard': '1' },
    body: JSON.stringify({ token: TOKEN }),
  });
  expect(signedIn.status).toBe(200);
});

test('[DB46] what is of the wrong kind is named when it is handed over, and no port is opened', async () => {
  const factory = factoryOf();
  const problemsOf = (options: unknown): unknown => {
    try {
      dashboard(options as DashboardOptions);
    } catch (error) {
      return error instanceof InvalidOptionsError ? error.problems : error;
    }
    return [];
  };
  expect(problemsOf(undefined)).toEqual(['options of a dashboard must be an object with a factory; got undefined']);
  expect(problemsOf({ factory: {}, token: 5, onError: 'log', alerts: { interval: 5 } })).toEqual([
    'factory, and each of factories, must be a manager factory',
    'token must be a string; got number',
    'onError must be a function; got string',
    'alerts.interval is not an option of the dashboard',
  ]);
  expect(problemsOf({ factories: factory, loopbackOnly: 'yes' })).toEqual([
    'factories must be a list; for one there is factory',
    'loopbackOnly must be true or false; got string',
  ]);
  for (const port of ['dashboard', 65_536, -1, 1.5, Number.NaN] as never[])
    await expect(serveDashboard({ factory, port })).rejects.toThrow(
      `port must be a whole number from 0 to 65535; got ${String(port)}`,
    );
});
