import { once } from 'node:events';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Server, type Socket } from 'socket.io';
import { expect, test } from 'vitest';
import { type NamespaceRefusal, guardEngine, namespaceGuard } from '../src/adapters/socket-io.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactory } from '../src/manager-factory.ts';
import {
  type Behaviour,
  type Hook,
  type Refused,
  type Served,
  type Speech,
  type Subject,
  refusalOverHttp,
  stageOf,
  canEverything,
} from './conformance-kit.ts';
import { conformanceOfAwaits } from './conformance-awaits.suite.ts';
import { conformancePolicies, ofUpgrades } from './conformance-policies.suite.ts';
import { conformance } from './conformance.suite.ts';
import { NEVER, atEnd, deferred } from './factory-kit.ts';
import { until, userOf } from './guarded-server.ts';
import { RawClient, TEXT, frame } from './raw-client.ts';

const joined = new WeakSet<RawClient>();

const overWebSocket: Speech = {
  ask: (client, user, headers) => {
    client.upgrade(`/socket.io/?EIO=4&transport=websocket&user=${user}`, { headers });
    // It joins the main namespace as soon as it may, whether or not the test looks.
    client.socket.on('data', () => overWebSocket.isIn(client));
  },
  isIn: (client) => {
    if (client.frames.includes('0{"sid"') && !joined.has(client)) {
      joined.add(client);
      client.socket.write(frame(TEXT, '40'));
    }
    return client.frames.includes('40{"sid"');
  },
  say: (client, text) => void client.socket.write(frame(TEXT, `42${JSON.stringify(['say', text])}`)),
  hears: (client, text) => client.frames.includes(JSON.stringify(['said', text])),
  refusal: refusalOverHttp,
};

/** Engine.IO's own heartbeat keeps out of the way. */
const QUIET = { pingInterval: 1_000_000, pingTimeout: 1_000_000 };

/** A middleware that goes on once the hook has answered; what it throws refuses. */
function whenAnswered(hook: Hook | undefined, request: IncomingMessage, next: (error?: Error) => void): void {
  if (hook === undefined) next();
  else
    hook(userOf(request)).then(
      () => next(),
      () => next(new Error('not here')),
    );
}

function serve(
  factory: ManagerFactory,
  {
    identify = (user) => user,
    message = (_manager, text) => `echo ${text}`,
    began,
    init,
    hooks,
    ...options
  }: Behaviour,
): Served {
  const server = createServer();
  const io = new Server(server, QUIET);
  io.engine.use((request: IncomingMessage, _response: unknown, next: (error?: Error) => void) =>
    whenAnswered(hooks?.before, request, next),
  );
  const guard = guardEngine(io, {
    factory,
    identify: (request) => identify(userOf(request)),
    init: init === undefined ? undefined : (manager) => init(manager),
    ...options,
  });
  io.use(({ request }, next) => whenAnswered(hooks?.behind, request, next));
  io.on('connection', (socket) => {
    const manager = guard.managerOf(socket);
    if (manager === undefined) throw new Error('no manager');
    try {
      began?.(manager, (text) => socket.emit('said', text));
    } catch {
      void manager.destroy();
    }
    socket.on('say', (text: string) => socket.emit('said', message(manager, text)));
  });
  return { server, guard, close: () => io.close() };
}

const atEngine: Subject = {
  name: 'Socket.IO, guarded at the engine',
  can: { ...canEverything, reports: false },
  waits: { before: 'a middleware of the engine', behind: 'a middleware of the namespace' },
  speech: overWebSocket,
  serve,
};

conformance(atEngine);
conformanceOfAwaits(atEngine);
conformancePolicies(atEngine, ofUpgrades);

const inNamespace: Subject = {
  name: 'Socket.IO, guarded at a namespace',
  waits: { before: 'a middleware of the namespace' },
  can: {
    early: false,
    asks: true,
    closeCodes: false,
    messages: true,
    reports: false,
    endsRefused: false,
    tellsLimit: true,
  },
  speech: {
    ...overWebSocket,
    refusal: (client) => {
      const [, packet] = /44(\{.*\})/.exec(client.frames.toString()) ?? [];
      return packet === undefined ? undefined : ((JSON.parse(packet) as { data: NamespaceRefusal }).data as Refused);
    },
  },
  serve: (
    factory,
    { identify = (user) => user, message = (_manager, text) => `echo ${text}`, began, init, hooks, ...options },
  ) => {
    const server = createServer();
    const io = new Server(server, QUIET);
    const guard = namespaceGuard({
      factory,
      identify: (socket) => identify(userOf(socket.request)),
      init: init === undefined ? undefined : (manager) => init(manager),
      ...options,
    });
    io.use(({ request }, next) => whenAnswered(hooks?.before, request, next));
    io.use(guard.middleware);
    io.on('connection', (socket) => {
      const manager = guard.managerOf(socket);
      if (manager === undefined) throw new Error('no manager');
      try {
        began?.(manager, (text) => socket.emit('said', text));
      } catch {
        void manager.destroy();
      }
      socket.on('say', (text: string) => socket.emit('said', message(manager, text)));
    });
    return { server, guard, close: () => io.close() };
  },
};

conformance(inNamespace);
conformanceOfAwaits(inNamespace);

test.each([
  [atEngine, 'fin', 1],
  [atEngine, 'rst', 1],
  [inNamespace, 'fin', 0],
  [inNamespace, 'rst', 0],
] as const)('[J32] who leaves between its handshake and a namespace leaves nothing', async (subject, how, created) => {
  const ask: Speech['ask'] = (client, user) => client.upgrade(`/socket.io/?EIO=4&transport=websocket&user=${user}`);
  const stage = await stageOf({ ...subject, speech: { ...subject.speech, ask } });
  const ada = await stage.ask('ada');
  await until(() => ada.frames.includes('0{"sid"'), 'its handshake is done');
  ada.leave(how);
  await until(() => stage.factory.usage('ada').held === 0, 'its slot is free', 500);
  await stage.nothingIsLeft();
  expect(stage.factory.stats().created).toBe(created);
});

conformancePolicies(inNamespace, {
  words: [],
  absent: ['maxEarlyBytes', 'maxEarlyMessages', 'maxCloseRefusalsPerSecond', 'maxHttpRefusalsPerSecond'],
});

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling&user=';

test('[J18] a client that begins with polling has its manager before it is answered, and is refused by HTTP', async () => {
  const stage = await stageOf({ ...inNamespace, serve }, {}, { maxManagersPerUser: 1, emergencyThreshold: false });
  const { port } = stage.server.address() as { port: number };
  const handshake = await fetch(`http://127.0.0.1:${port}${HANDSHAKE}ada`);
  const { sid } = JSON.parse((await handshake.text()).slice(1)) as { sid: string };
  expect(stage.factory.usage('ada').active).toBe(1);
  const second = await fetch(`http://127.0.0.1:${port}${HANDSHAKE}ada`);
  expect([second.status, ((await second.json()) as { reason: string }).reason]).toEqual([429, 'user-limit']);
  await fetch(`http://127.0.0.1:${port}${HANDSHAKE}ada&sid=${sid}`, { method: 'POST', body: '1' });
  await until(() => stage.factory.usage('ada').held === 0, 'it is released by its close packet');
  expect(stage.factory.stats().released.byReason).toEqual({ 'client-close': 1 });
});

test.each(['&sid=', '&sid=x&sid=', '&sid', '#&sid=x'])(
  '[J46] a first request that only looks like one of a session (%s) is decided about, by polling and by WebSocket',
  async (ending) => {
    const stage = await stageOf(atEngine, { identify: () => null });
    const { port } = stage.server.address() as AddressInfo;
    const polling = await RawClient.open(port);
    polling.request('GET', `${HANDSHAKE}ada${ending}`);
    const webSocket = await RawClient.open(port);
    webSocket.upgrade(`/socket.io/?EIO=4&transport=websocket&user=ada${ending}`);
    for (const client of [polling, webSocket]) {
      await until(() => client.received.length > 0, 'it is answered');
      expect(client.received.toString('latin1')).toMatch(/^HTTP\/1\.1 401 /);
      client.leave('fin');
    }
    expect(stage.factory.stats().refusedByReason).toEqual({ unauthenticated: 2 });
  },
);

test('[J46] a client whose request nobody decided about is ended at once', async () => {
  const factory = createManagerFactory();
  const server = createServer();
  const io = new Server(server, QUIET);
  // Somebody else's code makes of it what the guard lets pass, and behind the guard what it was.
  const saysThat =
    (sid: string) =>
    (request: IncomingMessage, _response: unknown, next: () => void): void => {
      Object.assign(Reflect.get(request, '_query') as object, { sid });
      next();
    };
  io.engine.use(saysThat('x'));
  guardEngine(io, { factory, identify: userOf });
  io.engine.use(saysThat(''));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    await factory.close();
    await io.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = await RawClient.open(port);
  overWebSocket.ask(client, 'ada', {});
  await until(() => client.end !== undefined, 'it is ended');
  await until(() => io.engine.clientsCount === 0, 'nothing is left of it');
  expect([joined.has(client) && overWebSocket.isIn(client), factory.stats().created]).toEqual([false, 0]);
  client.leave('fin');
});

test('[J27] a client that begins with polling counts for the address that a trusted proxy names', async () => {
  const factory = createManagerFactory({ maxManagersPerAddress: 1 });
  const server = createServer();
  const io = new Server(server, QUIET);
  const guard = guardEngine(io, { factory, identify: userOf, trustedProxies: ['127.0.0.0/8'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    guard.close();
    await factory.close();
    await io.close();
  });
  const { port } = server.address() as AddressInfo;
  const from = async (user: string, address: string): Promise<number> => {
    const headers = { 'x-forwarded-for': address };
    const response = await fetch(`http://127.0.0.1:${port}${HANDSHAKE}${user}`, { headers });
    await response.text();
    return response.status;
  };
  expect(await from('ada', '192.0.2.1')).toBe(200);
  expect(await from('eve', '192.0.2.1')).toBe(429);
  expect(await from('bob', '192.0.2.2')).toBe(200);
  expect(factory.stats()).toMatchObject({ addresses: 2, refusedByReason: { 'address-limit': 1 } });
});

test('[J34] whoever left before the guard is asked about its polling is not decided about', async () => {
  const gate = deferred();
  let asked = 0;
  const before: Hook = () => {
    asked += 1;
    return gate.promise;
  };
  const behaviour: Behaviour = { hooks: { before }, identify: () => NEVER, identifyTimeoutMs: false };
  const polling: Speech = {
    ...overWebSocket,
    ask: ({ socket }, user) => void socket.write(`GET ${HANDSHAKE}${user} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
  };
  const stage = await stageOf({ ...atEngine, speech: polling }, behaviour);
  const clients = [await stage.ask('ada'), await stage.ask('eve')];
  await until(() => asked === 2, 'the middleware is waited for');
  for (const [index, client] of clients.entries()) client.leave(index === 0 ? 'fin' : 'rst');
  await until(async () => (await stage.socketCount()) === 0, 'they have left');
  gate.resolve();
  await nextTurn();
  await stage.nothingIsLeft();
  expect(stage.factory.stats().created).toBe(0);
});

test('[J13] once it is closed, the guard listens to nothing any more', async () => {
  const server = createServer();
  const io = new Server(server, QUIET);
  const factory = createManagerFactory();
  atEnd(async () => {
    await io.close();
    await factory.close();
  });
  const before = server.listenerCount('upgrade');
  guardEngine(io, { factory, identify: userOf }).close();
  expect(server.listenerCount('upgrade')).toBe(before);
});

test('[J18] a server that is not attached is refused', () => {
  const factory = createManagerFactory();
  const io = new Server();
  expect(() => guardEngine(io, { factory, identify: () => null })).toThrow(
    expect.objectContaining({ code: 'WATERTIGHT_E_GUARD' }),
  );
});

const ENDS: readonly (readonly [string, string, (client: RawClient) => unknown])[] = [
  ['a reset', 'client-error', (client) => client.socket.resetAndDestroy()],
  ['a reserved opcode', 'client-error', (client) => client.socket.write(frame(3, ''))],
  // The TCP side of the client stays.
  ['a close frame', 'client-close', (client) => client.socket.write(frame(8, Buffer.from([3, 232])))],
  ['a FIN', 'client-close', (client) => client.socket.end()],
];

test.each(ENDS)('[J25] in a namespace %s ends a client as %s', async (_what, reason, end) => {
  const stage = await stageOf(inNamespace);
  end(await stage.enter('ada'));
  await until(() => stage.factory.usage('ada').held === 0, 'its slot is free');
  await stage.nothingIsLeft();
  expect(stage.factory.stats().released.byReason).toEqual({ [reason]: 1 });
});

test('[J18] what is not WebSocket ends a client as an error', async () => {
  const stage = await stageOf({ ...inNamespace, serve });
  const ada = await stage.enter('ada');
  ada.socket.write(frame(3, 'reserved opcode'));
  await stage.nothingIsLeft();
  expect(stage.factory.stats().released.byReason).toEqual({ 'client-error': 1 });
});

test('[J13] once the adapter is closed nobody new is let in, however fast identify answers', async () => {
  const stage = await stageOf({ ...inNamespace, speech: overWebSocket, serve });
  stage.guard.close();
  expect(await stage.refused(await stage.ask('ada'))).toMatchObject({ status: 503, reason: 'factory-closed' });
  expect(stage.factory.stats().created).toBe(0);
});

test('[J26] a client that comes to a namespace again and again, or is refused there, leaves nothing at its connection', async () => {
  const server = createServer();
  const io = new Server(server, QUIET);
  const factory = createManagerFactory();
  let isKnown = true;
  const { middleware } = namespaceGuard({ factory, identify: () => (isKnown ? 'ada' : null) });
  io.use(middleware);
  const engines: Socket['conn'][] = [];
  io.engine.on('connection', (engine: Socket['conn']) => engines.push(engine));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = await RawClient.open((server.address() as AddressInfo).port);
  atEnd(async () => {
    client.socket.destroy();
    await io.close();
    await factory.close();
  });
  client.upgrade('/socket.io/?EIO=4&transport=websocket');
  await until(() => engines.length === 1, 'it is there');
  const timesSaid = (what: string): number => client.frames.toString('latin1').split(what).length - 1;
  const comeAndGo = async (times: number): Promise<number> => {
    for (let time = 1; time <= times; time += 1) {
      const [what, answer] = isKnown ? ['in', '40{"sid"'] : ['refused', '44{'];
      const before = timesSaid(answer);
      client.socket.write(frame(TEXT, '40'));
      await until(() => timesSaid(answer) > before, what);
      if (isKnown) client.socket.write(frame(TEXT, '41'));
      await until(() => factory.stats().active === 0, 'it left');
    }
    const [engine] = engines;
    return ['packet', 'data', 'close', 'upgrade'].reduce((sum, event) => sum + (engine?.listenerCount(event) ?? 0), 0);
  };
  const afterOne = await comeAndGo(1);
  expect(await comeAndGo(5)).toBe(afterOne);
  isKnown = false;
  expect(await comeAndGo(5)).toBe(afterOne);
});
