import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connectInMemory, socketPair } from '../../src/kit.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function until(isSo: () => boolean, what: string): Promise<void> {
  const beganAtMs = performance.now();
  while (!isSo()) {
    if (performance.now() - beganAtMs > 5_000) throw new Error(`not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface Ends {
  readonly client: Socket;
  readonly server: Socket;
}

type Network = (allowHalfOpen: boolean) => Promise<Ends>;

/** What a test asks of both networks, with the same server. */
async function serverFor(
  allowHalfOpen: boolean,
): Promise<{ readonly server: Server; readonly accepted: Promise<Socket> }> {
  const server = createServer({ allowHalfOpen });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  return { server, accepted };
}

const overTcp: Network = async (allowHalfOpen) => {
  const { server, accepted } = await serverFor(allowHalfOpen);
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen });
  await once(client, 'connect');
  return { client, server: await accepted };
};

const inMemory: Network = async (allowHalfOpen) => {
  const { server, accepted } = await serverFor(allowHalfOpen);
  const client = connectInMemory(server, { allowHalfOpen });
  await once(client, 'connect');
  return { client, server: await accepted };
};

/** What happens to an end, in order; of what arrives only the text. */
function logOf(socket: Socket): string[] {
  const log: string[] = [];
  let text = '';
  socket.on('data', (data: Buffer) => (text += String(data)));
  socket.on('end', () => log.push(`end behind "${text}"`));
  socket.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${error.code}`));
  socket.on('close', (hadError) => log.push(`close ${hadError}`, socket.readyState));
  ends.push(() => socket.destroy());
  return log;
}

const SCRIPTS: readonly [what: string, allowHalfOpen: boolean, act: (both: Ends) => unknown][] = [
  ['the client ends', false, ({ client }) => client.end('bye')],
  ['the server ends', false, ({ server }) => server.end('bye')],
  ['a client is reset', false, ({ client }) => client.resetAndDestroy()],
  [
    'a client is reset behind a text that was heard',
    false,
    async ({ client, server }) => {
      client.write('heard');
      await once(server, 'data');
      client.resetAndDestroy();
    },
  ],
  [
    'a client is destroyed that has not read everything',
    false,
    async ({ client, server }) => {
      client.pause();
      server.write('x'.repeat(200_000));
      await once(client, 'readable');
      await new Promise((resolve) => setTimeout(resolve, 20));
      // Where the process stood still, the time is over before what was sent meanwhile has come.
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      client.destroy();
    },
  ],
  ['a server is destroyed', false, ({ server }) => server.destroy()],
  [
    'a server is destroyed with an error',
    false,
    ({ server }) => server.destroy(Object.assign(new Error('mine'), { code: 'MINE' })),
  ],
  ['both end', true, ({ client, server }) => (client.end('a'), server.end('b'))],
  [
    'an answer comes behind the end',
    true,
    ({ client, server }) => {
      server.once('end', () => server.end('late'));
      client.end('first');
    },
  ],
  [
    'the client writes to an end that is closed',
    true,
    async ({ client, server }) => {
      server.destroy();
      await once(client, 'end');
      while (!client.destroyed) {
        client.write('to nobody');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  ],
  [
    'the server soon destroys what it still writes',
    false,
    ({ server }) => {
      server.write('x'.repeat(1_000));
      server.destroySoon();
    },
  ],
];

test.each(SCRIPTS)('[TK15] what both ends see is the same as over TCP: %s', async (_what, allowHalfOpen, act) => {
  const seen = [];
  for (const network of [overTcp, inMemory]) {
    const both = await network(allowHalfOpen);
    const logs = [logOf(both.client), logOf(both.server)];
    await act(both);
    await until(() => logs.every((log) => log.at(-1) === 'closed'), `both ends are closed: ${JSON.stringify(logs)}`);
    seen.push(logs);
  }
  expect(seen[1]).toEqual(seen[0]);
});

test('[TK15] a reader that does not read holds its writer back, hears no end, and gets everything afterwards', async () => {
  const seen = [];
  for (const network of [overTcp, inMemory]) {
    const { client, server } = await network(false);
    ends.push(
      () => client.destroy(),
      () => server.destroy(),
    );
    server.pause();
    const log: string[] = [];
    server.on('end', () => log.push('end'));
    const chunk = Buffer.alloc(256 * 1024, 7);
    let writtenBytes = 0;
    // More than any system takes for a reader that does not read.
    while (client.writableLength < 64 * chunk.length) {
      client.write(chunk);
      writtenBytes += chunk.length;
      if (writtenBytes > 128 * chunk.length) break;
    }
    client.end();
    await new Promise((resolve) => setImmediate(resolve));
    const isHeldBack = client.writableLength > 0;
    let readBytes = 0;
    server.on('data', (data: Buffer) => (readBytes += data.length));
    server.resume();
    await until(() => log.length > 0, 'it has ended');
    seen.push([isHeldBack, readBytes === writtenBytes, log]);
  }
  expect(seen[1]).toEqual([true, true, ['end']]);
  expect(seen[1]).toEqual(seen[0]);
});

test('[TK15] a client is connecting first, then open, half open and closed, or refused as by a system', async () => {
  const server = createServer({ allowHalfOpen: true });
  const client = connectInMemory(server, { delayMs: 10 });
  client.resume().write('early');
  const states: string[] = [client.readyState];
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket);
  await once(client, 'connect');
  states.push(client.readyState);
  const serverEnd = await accepted;
  expect(String((await once(serverEnd, 'data'))[0])).toBe('early');
  client.end();
  states.push(client.readyState);
  await once(serverEnd, 'end');
  serverEnd.end();
  await once(client, 'close');
  states.push(client.readyState);
  expect(states).toEqual(['opening', 'open', 'readOnly', 'closed']);

  const refusedInMemory = connectInMemory(server, { refuse: 'ECONNREFUSED' });
  const [error] = (await once(refusedInMemory, 'error')) as [NodeJS.ErrnoException];
  expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', errno: -111 });
  expect(error.message).toBe('connect ECONNREFUSED 127.0.0.1:80');
});

test('[TK15] everything takes its time, in order; a cable that is pulled tells nobody', async () => {
  const [client, server] = socketPair({ delayMs: 30 });
  ends.push(
    () => client.destroy(),
    () => server.destroy(),
  );
  const logs = [logOf(client), logOf(server)];
  const heard: string[] = [];
  server.on('data', (data: Buffer) => heard.push(String(data)));
  const saidAtMs = performance.now();
  client.write('a');
  client.write('b');
  await until(() => heard.length === 2, 'both are heard');
  expect([performance.now() - saidAtMs >= 29, heard]).toEqual([true, ['a', 'b']]);
  client.write('on its way');
  client.cut();
  client.end();
  server.write('nobody hears this');
  server.setTimeout(80);
  await once(server, 'timeout');
  expect([logs, heard]).toEqual([
    [[], []],
    ['a', 'b'],
  ]);
  expect(() => socketPair({ delayMs: Number.NaN })).toThrow('delayMs is NaN; expected 0 to 600000 milliseconds');
});

test('[TK15] a client and a server of ws meet over it, at a server that listens nowhere', async () => {
  const http = createHttpServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(`echo ${String(data)}`)));
  const client = new WebSocket('ws://in.memory/', { createConnection: () => connectInMemory(http, { delayMs: 1 }) });
  await once(client, 'open');
  client.send('hello');
  expect(String((await once(client, 'message'))[0])).toBe('echo hello');
  client.close(1000);
  expect((await once(client, 'close'))[0]).toBe(1000);
  await until(() => sockets.clients.size === 0, 'the server has let go');
});
