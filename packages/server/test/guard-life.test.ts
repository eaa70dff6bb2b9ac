import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type AdmissionRequest } from '../src/context.ts';
import { NEVER, deferred } from './factory-kit.ts';
import { guardedServer, nothingHeld, outcomeOf, socketCount, until, userOf } from './guarded-server.ts';
import { PONG, type RawClient, TEXT, frame } from './raw-client.ts';
import { RunClock } from './run-clock.ts';

test('[G1] an admitted client gets a socket, and the connection listener its manager', async () => {
  const subject = await guardedServer();
  const client = await subject.client('ada');
  client.send('hello');
  expect(String((await once(client, 'message'))[0])).toBe('hello');
  const [session] = subject.sessions;
  expect(session?.manager).toMatchObject({ user: 'ada', state: 'active', connectionCount: 1 });
  expect(session?.manager.context).toEqual({ user: 'ada', sessionId: undefined, remoteAddress: undefined });
  expect(subject.factory.stats().sweep.running).toBe(true);
});

test('[G2] identify may answer a user, an admission request, and either later', async () => {
  class Deferred {
    // oxlint-disable-next-line unicorn/no-thenable -- promises of other libraries look like this
    then(resolve: (request: AdmissionRequest) => void): void {
      resolve({ user: 'thenable', sessionId: 'b' });
    }
  }
  const answers: Record<string, () => unknown> = {
    text: () => 'text',
    promise: () => Promise.resolve('promise'),
    request: (): AdmissionRequest & { reason: string } => ({
      user: 'request',
      sessionId: 'a',
      remoteAddress: '192.0.2.7',
      reason: 'a field of theirs',
    }),
    thenable: () => new Deferred(),
  };
  const subject = await guardedServer({ identify: (request) => answers[userOf(request) ?? '']?.() as string });
  for (const user of Object.keys(answers)) await subject.client(user);
  expect(
    subject.sessions.map(({ manager: { context } }) => [context.user, context.sessionId, context.remoteAddress]),
  ).toEqual([
    ['text', undefined, undefined],
    ['promise', undefined, undefined],
    ['request', 'a', '192.0.2.7'],
    ['thenable', 'b', undefined],
  ]);
});

test('[G16] users of 256 bytes and of emoji arrive as they are', async () => {
  const subject = await guardedServer();
  for (const user of ['x'.repeat(256), '😀🚢', 'ä'.repeat(128)]) {
    await subject.client(user);
    expect(subject.factory.usage(user).held).toBe(1);
  }
});

const ENDINGS: readonly [string, (client: RawClient) => void, string][] = [
  ['a close frame', (client) => client.socket.write(frame(8, Buffer.from([3, 232]))), 'client-close'],
  ['a FIN', (client) => client.leave('fin'), 'client-close'],
  ['a reset', (client) => client.leave('rst'), 'client-error'],
  ['a protocol error', (client) => client.socket.write(frame(3, 'reserved opcode')), 'client-error'],
];

test.each(ENDINGS)(
  '[G19] %s ends the manager: slot free, socket gone, finalizers done, nobody has to remember',
  async (_how, end, reason) => {
    const subject = await guardedServer({}, { maxManagersPerUser: 1 });
    const client = await subject.raw();
    client.upgrade('/?user=ada');
    await until(() => subject.sessions.length === 1, 'it is connected');
    const manager = subject.sessions[0]?.manager;
    let disposed = false;
    manager?.defer(() => {
      disposed = true;
    });
    end(client);
    await until(() => manager?.state === 'closing' || manager?.state === 'closed', 'the end is known');
    const report = await manager?.released;
    expect(report).toMatchObject({ reason, deadlineMet: true, finalizersRun: 1 });
    expect([disposed, nothingHeld(subject)]).toEqual([true, true]);
    await subject.client('ada');
  },
);

test.each([false, true])(
  '[G19] a FIN ends the manager at once although much waits to be sent to a client that does not read (socket with an end of its own: %s)',
  async (hasOwnEnd) => {
    const subject = await guardedServer();
    if (hasOwnEnd) {
      subject.server.on('connection', (socket) => {
        const end = socket.end.bind(socket);
        socket.end = (...args: unknown[]) => end(...(args as []));
      });
    }
    const client = await subject.raw();
    client.upgrade('/?user=ada');
    await until(() => subject.sessions.length === 1, 'it is connected');
    const [session] = subject.sessions;
    client.socket.pause();
    const chunk = Buffer.alloc(1 << 20);
    for (let sent = 0; sent < 32; sent += 1) session?.webSocket.send(chunk);
    client.leave('fin');
    await until(() => session?.manager.state === 'closed', 'it is closed', 1000);
    expect(await session?.manager.released).toMatchObject({ reason: 'client-close', deadlineMet: true });
    await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left', 500);
  },
);

test.each([false, true])(
  '[G20] a peer that never answers our close is gone by the deadline (stalled: %s)',
  async (stalled) => {
    const subject = await guardedServer();
    const client = await subject.raw();
    client.upgrade('/?user=ada');
    await until(() => subject.sessions.length === 1, 'it is connected');
    const [session] = subject.sessions;
    if (stalled) {
      client.socket.pause();
      const chunk = Buffer.alloc(1 << 20);
      for (let sent = 0; sent < 32; sent += 1) session?.webSocket.send(chunk);
    }
    session?.manager.defer(() => NEVER, { name: 'hung' });
    const clock = new RunClock();
    const report = await session?.manager.close();
    expect(clock.ranMs()).toBeLessThan(600);
    expect(report?.socketGoneMs).toBeGreaterThanOrEqual(190);
    expect(report?.socketGoneMs).toBeLessThanOrEqual(500 + clock.heldUpMs());
    expect(report?.overdue.map(({ name }) => name)).toEqual(['hung']);
    await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left', 500);
  },
);

test('[G15] over the wire, who answers pings or sends anything lives, and who is silent is reset in time', async () => {
  const subject = await guardedServer({}, { heartbeatIntervalMs: 100, heartbeatMisses: 2 });
  const answering = await subject.client('answering');
  const talking = await subject.raw();
  const silent = await subject.raw();
  talking.upgrade('/?user=talking');
  const beganAtMs = performance.now();
  silent.upgrade('/?user=silent');
  await until(() => subject.sessions.length === 3, 'all are connected');
  const talk = setInterval(() => talking.socket.write(frame(PONG, '')), 30);
  await until(() => subject.factory.usage('silent').held === 0, 'the silent one is gone', 2000);
  const tookMs = performance.now() - beganAtMs;
  expect(tookMs).toBeGreaterThan(200);
  await until(() => silent.end === 'rst', 'it was reset', 500);
  await until(() => performance.now() - beganAtMs > 600, 'the others had time to be found silent');
  clearInterval(talk);
  expect([answering.readyState, talking.end]).toEqual([WebSocket.OPEN, undefined]);
  expect(subject.factory.stats()).toMatchObject({ active: 2, released: { byReason: { silent: 1 } } });
});

test('[G18] a message is use, a pong is only life', async () => {
  const subject = await guardedServer({}, { emergencyThreshold: false });
  const [used, alive] = [await subject.raw(), await subject.raw()];
  for (const client of [used, alive]) client.upgrade('/?user=ada');
  await until(() => subject.sessions.length === 2, 'both are connected');
  used.socket.write(frame(TEXT, 'a message'));
  await until(() => used.frames.includes('a message'), 'it is echoed');
  alive.socket.write(frame(PONG, ''));
  const probe = await subject.factory.runEmergencyCleanup('ada', { level: 'force', needed: 1 });
  expect(probe.removed.forced).toBe(1);
  const told = subject.sessions.map(({ manager }) => manager.state);
  expect(told.filter((state) => state === 'active')).toHaveLength(1);
  await until(() => alive.frames.includes('emergency:forced'), 'the one that was not used is told');
});

test('[G9] nothing is lost while a WebSocketServer asks others before it accepts', async () => {
  const subject = await guardedServer();
  const asked = deferred<(accepted: boolean) => void>();
  subject.wss.options.verifyClient = (_info, answer) => asked.resolve(answer);
  const client = await subject.raw();
  client.upgrade('/?user=ada', { behind: frame(TEXT, 'first') });
  const answer = await asked.promise;
  client.socket.write(frame(TEXT, 'second'));
  await until(() => client.socket.writableLength === 0, 'it is sent');
  // By the time others have connected, what was sent before has arrived.
  for (let round = 0; round < 5; round += 1) await subject.raw();
  answer(true);
  await until(() => client.frames.includes('second'), 'both are echoed');
  expect(client.frames.indexOf('first')).toBeGreaterThan(-1);
});

test('[G4] a hundred clients later nothing of them is left on the server', async () => {
  // A hundred at once on a busy machine: that nothing is left is the question here, and not how soon.
  const subject = await guardedServer({}, { maxManagersPerUser: 10, cleanupDeadlineMs: 5_000 });
  const listeners = subject.server.eventNames().map((name) => [name, subject.server.listenerCount(name)]);
  const clients = await Promise.all(Array.from({ length: 100 }, (_, index) => subject.client(`user-${index % 10}`)));
  for (const { manager } of subject.sessions) manager.every(1000, () => undefined);
  expect(subject.factory.stats()).toMatchObject({ active: 100, users: 10 });
  for (const [index, client] of clients.entries()) {
    if (index % 2 === 0) client.close();
    else client.terminate();
  }
  await until(() => nothingHeld(subject), 'nothing is held', 5_000);
  await until(async () => (await socketCount(subject.server)) === 0, 'no socket is left', 5_000);
  expect(subject.server.eventNames().map((name) => [name, subject.server.listenerCount(name)])).toEqual(listeners);
  expect(subject.wss.clients.size).toBe(0);
  const { created, released, cleanup } = subject.factory.stats();
  expect([created, released.total, cleanup.socketGone.overDeadline]).toEqual([100, 100, 0]);
});

test('[G1] 21 clients of one user: 20 are connected, one is told why not', async () => {
  const subject = await guardedServer();
  const outcomes = await Promise.all(
    Array.from({ length: 21 }, () => {
      const client = subject.dial('ada');
      return Promise.race([once(client, 'open').then(() => ({ status: 101 })), outcomeOf(client)]);
    }),
  );
  expect(outcomes.filter(({ status }) => status === 101)).toHaveLength(20);
  expect(outcomes.filter(({ status }) => status === 429)).toHaveLength(1);
  expect(subject.factory.stats()).toMatchObject({ active: 20, limitHits: 1 });
});
