import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { guard } from '../src/adapters/ws.ts';
import { InvalidOptionsError } from '../src/errors.ts';
import { createManagerFactory } from '../src/factory.ts';
import { NEVER, atEnd } from './factory-kit.ts';
import { guardedServer, nothingHeld, outcomeOf, until, userOf } from './guarded-server.ts';

test('[G10] only the path is looked at; other upgrades are left to whoever shares the server', async () => {
  const subject = await guardedServer({ path: '/chat' });
  const foreign: string[] = [];
  const onUpgrade = (request: { url?: string | undefined }, socket: Duplex): void => {
    if (request.url?.startsWith('/chat') === true) return;
    foreign.push(request.url ?? '');
    socket.end('HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\n');
  };
  subject.server.on('upgrade', onUpgrade);
  const mine = subject.dial('ada', '/chat');
  await once(mine, 'open');
  expect(await outcomeOf(subject.dial('ada', '/other'))).toEqual({ status: 418 });
  expect([foreign.length, subject.sessions.length]).toEqual([1, 1]);
});

test('[G10] an upgrade that nobody wants is answered with 404 instead of being left open', async () => {
  const subject = await guardedServer({ path: '/chat' });
  expect(await outcomeOf(subject.dial('ada', '/other'))).toEqual({ status: 404 });
  expect(await outcomeOf(subject.dial('ada', '/chat/'))).toEqual({ status: 404 });
  expect(subject.factory.stats().created).toBe(0);
});

test('[G10] two guards share a server, and what neither wants is answered too', async () => {
  const subject = await guardedServer({ path: '/one' });
  const second = new WebSocketServer({ noServer: true });
  const factory = createManagerFactory();
  const other = guard(subject.server, second, {
    factory,
    identify: userOf,
    handles: (request) => request.url?.startsWith('/two') === true,
  });
  atEnd(async () => {
    other.close();
    await factory.close();
    second.close();
  });
  await once(subject.dial('ada', '/one'), 'open');
  await once(subject.dial('ada', '/two'), 'open');
  expect([subject.factory.usage('ada').held, factory.usage('ada').held]).toEqual([1, 1]);
  expect(await outcomeOf(subject.dial('ada', '/three'))).toEqual({ status: 404 });
});

test.each([false, true])(
  '[G28] an upgrade that two guards want is taken by the one made first, also if it refuses (%s)',
  async (isFull) => {
    const subject = await guardedServer({ path: '/chat' }, { maxManagersPerUser: isFull ? 1 : 20 });
    if (isFull) await once(subject.dial('ada', '/chat'), 'open');
    const second = new WebSocketServer({ noServer: true });
    const factory = createManagerFactory();
    const everyPath = guard(subject.server, second, { factory, identify: async (request) => userOf(request) });
    atEnd(async () => {
      everyPath.close();
      await factory.close();
      second.close();
    });
    const client = subject.dial('ada', '/chat');
    if (isFull) expect(await outcomeOf(client)).toEqual({ status: 429 });
    else await once(client, 'open');
    const other = subject.dial('ada', '/other');
    await once(other, 'open');
    expect([client.readyState === WebSocket.OPEN, subject.errors]).toEqual([!isFull, []]);
    expect([subject.factory.stats().created, factory.stats().created, second.clients.size]).toEqual([1, 1, 1]);
  },
);

test('[G10] a handles that throws closes that socket and nothing else', async () => {
  const subject = await guardedServer({
    handles: (request) => {
      if (request.url?.startsWith('/broken') === true) throw new Error('broke');
      return true;
    },
  });
  const client = await subject.raw();
  client.upgrade('/broken');
  await until(() => client.end !== undefined, 'the server let go');
  expect(subject.errors.map(({ stage }) => stage)).toEqual(['identify']);
  await subject.client('ada');
});

test('[G10] a handles that takes time is reported like one that throws, and lets nobody in', async () => {
  const handles = (() => Promise.reject(new Error('too late'))) as never;
  const subject = await guardedServer({ handles });
  expect(await outcomeOf(subject.dial('ada'))).toEqual({ code: 1006, reason: '' });
  expect(subject.errors.map(({ stage, error }) => [stage, String(error)])).toEqual([
    ['identify', 'TypeError: handles must answer at once, true or false; it answered a promise'],
  ]);
  expect(subject.factory.stats().created).toBe(0);
});

test.each([
  ['without a key', { 'Sec-WebSocket-Key': undefined }, 400],
  ['with a bad key', { 'Sec-WebSocket-Key': 'short' }, 400],
  ['of a version that does not exist', { 'Sec-WebSocket-Version': '7' }, 400],
  ['for another protocol', { Upgrade: 'h2c' }, 400],
])('[G11] a handshake %s fails after the admission and frees the slot', async (_what, headers, status) => {
  const subject = await guardedServer({}, { maxManagersPerUser: 1 });
  const client = await subject.raw();
  client.upgrade('/?user=ada', { headers });
  await until(() => client.response !== undefined, 'the server answered');
  expect(client.response?.status).toBeGreaterThanOrEqual(status);
  await until(() => nothingHeld(subject), 'nothing is held', 1000);
  expect(subject.factory.stats()).toMatchObject({ created: 1, released: { total: 1 } });
  await subject.client('ada');
});

test('[G12] a connection listener that throws is reported, its socket and slot are freed, and others go on', async () => {
  const subject = await guardedServer({}, { maxManagersPerUser: 1 });
  const broke = (): void => {
    throw new Error('listener broke');
  };
  subject.wss.on('connection', broke);
  const outcome = await outcomeOf(subject.dial('ada'));
  expect(outcome.code).toBe(1006);
  await until(() => nothingHeld(subject), 'nothing is held', 1000);
  expect(subject.errors.map(({ stage, error }) => [stage, (error as Error).message])).toEqual([
    ['connection-listener', 'listener broke'],
  ]);
  subject.wss.off('connection', broke);
  await subject.client('ada');
});

test('[G13] close removes only its own listeners, refuses what is being decided, and closes nothing it did not make', async () => {
  let hang = false;
  const subject = await guardedServer({ identify: (request) => (hang ? NEVER : userOf(request)) });
  const foreign = (): void => undefined;
  subject.server.on('upgrade', foreign);
  const client = await subject.client('ada');
  hang = true;
  const waiting = subject.dial('ada');
  await until(() => subject.guard.pendingCount === 1, 'the upgrade is being decided');
  subject.guard.close();
  subject.guard.close();
  expect(await outcomeOf(waiting)).toEqual({ status: 503 });
  expect(subject.server.listeners('upgrade')).toEqual([foreign]);
  expect([subject.server.listening, client.readyState, subject.wss.clients.size]).toEqual([true, WebSocket.OPEN, 1]);
  client.send('still there?');
  expect(String((await once(client, 'message'))[0])).toBe('still there?');
  expect(subject.factory.stats()).toMatchObject({ state: 'open', active: 1 });
  subject.server.off('upgrade', foreign);
});

test('[G14] closing the factory tells every client, and refuses whoever comes later', async () => {
  const subject = await guardedServer();
  const client = await subject.client('ada');
  const told = outcomeOf(client);
  await subject.factory.close();
  expect(await told).toEqual({ code: 1012, reason: 'factory-closed' });
  expect(await outcomeOf(subject.dial('ada'))).toEqual({ status: 503 });
});

test('[G17] all options that are not valid are named at once', () => {
  const wss = new WebSocketServer({ noServer: true });
  const wrong = {
    factory: undefined,
    identify: 'me',
    path: 'chat',
    handles: () => true,
    refusal: 'maybe',
    identifyTimeoutMs: 2 ** 31,
  };
  let problems: readonly string[] = [];
  try {
    guard(createServer(), wss, wrong as unknown as Parameters<typeof guard>[2]);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError);
    problems = (error as InvalidOptionsError).problems;
  }
  expect(problems).toEqual([
    'factory must be a manager factory',
    'identify must be a function',
    'path and handles exclude each other',
    'path must begin with /, got "chat"',
    'identifyTimeoutMs must be a number above 0 and at most 2147483647 ms, or false to switch it off; got 2147483648',
    "refusal must be 'http' or 'close', got \"maybe\"",
  ]);
  for (const identifyTimeoutMs of [0, -1, Number.NaN, Infinity]) {
    expect(() =>
      guard(createServer(), wss, { factory: createManagerFactory(), identify: () => null, identifyTimeoutMs }),
    ).toThrow(/identifyTimeoutMs/);
  }
});

test.each([
  [{ path: /chat/ }, 'path must be a text, got an object'],
  [{ path: null }, 'path must be a text, got null'],
  [{ path: '/chat?room=1' }, 'path must be without a query, got "/chat?room=1"'],
  [{ handles: '/chat' }, 'handles must be a function, got "/chat"'],
  [{ init: true }, 'init must be a function, got true'],
  [
    { identifyTimeoutMs: '5000' },
    'identifyTimeoutMs must be a number above 0 and at most 2147483647 ms, or false to switch it off; got "5000"',
  ],
  [
    { trustedProxies: '10.0.0.0/8' },
    'trustedProxies must be a list of addresses or networks such as [\'10.0.0.0/8\'], got "10.0.0.0/8"',
  ],
  [{ trustedProxies: true }, "trustedProxies must be a list of addresses or networks such as ['10.0.0.0/8'], got true"],
])('[G17] an option of the wrong kind is named, and nothing begins: %o', (wrong, problem) => {
  const factory = createManagerFactory();
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const options = { factory, identify: () => null, ...wrong };
  let thrown: unknown = undefined;
  try {
    guard(server, wss, options as unknown as Parameters<typeof guard>[2]);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ problems: [problem] });
  expect([server.listenerCount('upgrade'), factory.stats().sweep.running]).toEqual([0, false]);
});

test('[G17] a server or a WebSocketServer that is none is named', () => {
  const options = { factory: createManagerFactory(), identify: () => null };
  const wss = new WebSocketServer({ noServer: true });
  expect(() => guard(undefined as never, undefined as never, options)).toThrow(
    /server must be an HTTP server, got undefined[^]*wss must be a WebSocketServer of ws, got undefined/,
  );
  expect(() => guard(wss as never, createServer() as never, options)).toThrow(/wss must be a WebSocketServer of ws/);
  expect(options.factory.stats().sweep.running).toBe(false);
});

test('[G17] a WebSocketServer that answers upgrades itself is refused', async () => {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  const factory = createManagerFactory();
  expect(() => guard(server, wss, { factory, identify: () => null })).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_GUARD' }),
  );
  wss.close();
  await factory.close();
});
