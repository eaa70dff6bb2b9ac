import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { poll } from '../evidence/poll.ts';
import { openDrive } from './drive.ts';
import { parseIdentity } from './identity.ts';
import type { Client, Drive } from './types.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

interface Served {
  readonly drive: Drive;
  readonly connections: WebSocket[];
  readonly sockets: Set<Duplex>;
  readonly requests: (string | undefined)[];
}

/** A server that takes `askMs` to decide; one that `loses` decides when something has come, which it forgets. */
async function serve({ askMs = 0, loses = false } = {}): Promise<Served> {
  const http = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const connections: WebSocket[] = [];
  const sockets = new Set<Duplex>();
  const requests: (string | undefined)[] = [];
  http.on('upgrade', (request, socket: Duplex, head) => {
    requests.push(request.url);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    // Not by the clock: a busy client may send its first byte later.
    const asked = loses ? once(socket, 'data') : delay(askMs);
    void asked.then(() => {
      wss.handleUpgrade(request, socket, head, (ws) => {
        ws.on('error', () => undefined);
        connections.push(ws);
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const drive = openDrive(new URL(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/`), parseIdentity());
  leftovers.push(() => {
    for (const socket of sockets) socket.destroy();
    http.close();
  });
  leftovers.push(() => drive.dispose());
  return { drive, connections, sockets, requests };
}

async function admitted(drive: Drive): Promise<Client> {
  const attempt = await drive.connect('u');
  if (!attempt.admitted) throw new Error(`refused: ${JSON.stringify(attempt)}`);
  return attempt.client;
}

test.each([0, 30, 200])('[D36] a ping begun before an answer that takes %i ms is answered whole', async (askMs) => {
  const { drive } = await serve({ askMs });
  const { attempt, pingAnswered } = await drive.connectEarly('u');
  expect(pingAnswered).toBe(true);
  if (!attempt.admitted) throw new Error('refused');
  expect(await attempt.client.ping(1_000)).toBe(true);
});

test('[D36] it is not by a server that loses what comes before its answer', async () => {
  const { drive } = await serve({ loses: true });
  const { pingAnswered } = await drive.connectEarly('u', { timeoutMs: 500 });
  expect(pingAnswered).toBe(false);
});

test('[D37] a client that leaves pings unanswered answers none of them later, and those that come then', async () => {
  const { drive, connections } = await serve();
  const client = await admitted(drive);
  const pongs: string[] = [];
  connections[0]?.on('pong', (data: Buffer) => pongs.push(data.toString()));
  client.ignorePings();
  connections[0]?.ping('missed');
  // What was sent before the answer to a ping of ours has arrived.
  expect(await client.ping(1_000)).toBe(true);
  client.answerPings();
  connections[0]?.ping('heard');
  const { last } = await poll(
    () => pongs,
    (seen) => seen.length > 0,
    { deadlineMs: 1_000 },
  );
  expect(last).toEqual(['heard']);
});

test('[D42] a client without a name says it nowhere', async () => {
  const { drive, connections, requests } = await serve();
  const attempt = await drive.connectNameless();
  expect(attempt.admitted).toBe(true);
  expect(requests).toEqual(['/']);
  const messages: string[] = [];
  connections[0]?.on('message', (data: Buffer) => messages.push(data.toString()));
  // Whatever it would have sent by itself stands before this.
  if (attempt.admitted) expect(await attempt.client.ping(1_000)).toBe(true);
  expect(messages).toEqual([]);
});

test('[D38] after a goodbye the server has the close frame, and the client keeps its TCP side', async () => {
  const { drive, connections, sockets } = await serve();
  const client = await admitted(drive);
  await client.sayGoodbye();
  const { reached } = await poll(
    () => connections[0]?.readyState,
    (state) => state === connections[0]?.CLOSING,
    { deadlineMs: 1_000 },
  );
  expect(reached).toBe(true);
  expect(client.state).toBe('ended');
  expect([...sockets].map((socket) => socket.readableEnded)).toEqual([false]);
});
