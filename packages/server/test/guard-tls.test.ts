import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { guard } from '../src/adapters/ws.ts';
import { createManagerFactory } from '../src/factory.ts';
import type { ManagerFactoryOptions } from '../src/options.ts';
import type { Reported } from './factory-kit.ts';
import { closeAtEnd, socketCount, until, userOf } from './guarded-server.ts';

const pem = readFileSync(new URL('../../watertight/test/fixtures/self-signed.pem', import.meta.url), 'utf8');

/** A server that speaks TLS itself, and a client of it that is let in. */
async function secureServer(options: ManagerFactoryOptions) {
  const errors: Reported[] = [];
  const factory = createManagerFactory({
    onError: (error, { stage, name }) => errors.push({ error, stage, name }),
    // What is not reset waits for this long.
    cleanupDeadlineMs: 60_000,
    closeHandshakeMs: 60_000,
    ...options,
  });
  const server = createServer({ key: pem, cert: pem });
  const wss = new WebSocketServer({ noServer: true });
  const guarding = guard(server, wss, { factory, identify: userOf });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients: { end(): void }[] = [];
  closeAtEnd({ clients, guard: guarding, factory, wss, server });
  const enter = async (): Promise<TLSSocket> => {
    const { port } = server.address() as AddressInfo;
    const webSocket = new WebSocket(`wss://127.0.0.1:${port}/?user=ada`, { rejectUnauthorized: false });
    webSocket.on('error', () => undefined);
    clients.push({ end: () => webSocket.terminate() });
    const [{ socket }] = (await once(webSocket, 'upgrade')) as [{ readonly socket: TLSSocket }];
    return socket;
  };
  return { server, wss, factory, errors, enter };
}

test('[G29] over TLS who is silent is let go of at once, and no error is told', async () => {
  const { server, factory, errors, enter } = await secureServer({ heartbeatIntervalMs: 50, heartbeatMisses: 1 });
  const socket = await enter();
  socket.pause();
  await until(() => factory.usage('ada').held === 0, 'it is found silent');
  await until(() => factory.stats().released.byReason['silent'] === 1, 'it is let go of', 2000);
  expect([errors, await socketCount(server)]).toEqual([[], 0]);
});

test('[G29] over TLS who does not read is let go of at once, and no error is told', async () => {
  const { server, wss, factory, errors, enter } = await secureServer({ maxBufferedBytes: 1 << 16 });
  wss.on('connection', (webSocket) => {
    for (let count = 0; count < 64; count += 1) webSocket.send(Buffer.alloc(1 << 16));
  });
  const socket = await enter();
  socket.pause();
  await until(() => factory.usage('ada').held === 0, 'it is found slow');
  await until(() => factory.stats().released.byReason['slow-consumer'] === 1, 'it is let go of', 2000);
  expect([errors, await socketCount(server)]).toEqual([[], 0]);
});
