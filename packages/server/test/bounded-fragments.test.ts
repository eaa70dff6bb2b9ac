import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { guardedServer, until } from './guarded-server.ts';

const MAX_BUFFERED_BYTES = 100_000;

/** A message of two fragments. */
function sendInTwo(webSocket: WebSocket | undefined, first: string, second: string): void {
  webSocket?.send(first, { fin: false });
  webSocket?.send(second, { fin: true });
}

test.each([
  ['the first fragment fits', 60_000, 60_000],
  ['the first fragment does not fit', 120_000, 10],
])('[J42] of a message in fragments all is sent or nothing, where %s', async (_where, firstBytes, secondBytes) => {
  const subject = await guardedServer({}, { maxBufferedBytes: MAX_BUFFERED_BYTES, onSlowConsumer: 'drop' });
  const sockets: Socket[] = [];
  subject.server.on('connection', (socket: Socket) => sockets.push(socket));
  const client = await subject.client('ada');
  const heard: string[] = [];
  client.on('message', (data: Buffer) => heard.push(String(data)));
  const { webSocket } = subject.sessions[0] ?? {};
  const message = ['a'.repeat(firstBytes), 'b'.repeat(secondBytes)] as const;
  // Nothing of it leaves before all was handed over.
  sockets[0]?.cork();
  sendInTwo(webSocket, ...message);
  sockets[0]?.uncork();
  await until(() => webSocket?.bufferedAmount === 0, 'all of it is out');
  sendInTwo(webSocket, 'whole', ' again');
  webSocket?.send('and another');
  await until(() => heard.includes('and another'), 'it hears what comes afterwards');
  expect(heard).toEqual([...(firstBytes < MAX_BUFFERED_BYTES ? [message.join('')] : []), 'whole again', 'and another']);
});
