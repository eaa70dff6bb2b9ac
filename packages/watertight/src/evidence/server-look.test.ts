import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { watchRunning } from '../target/watched.ts';
import { firstLook } from './server-look.ts';

test('[P1] the port that a URL need not name is looked at as well', async ({ skip }) => {
  // An address nobody else uses; who may not take port 80 cannot tell.
  const host = '127.83.17.9';
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(80, host);
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isListening) return skip();
  const client = connect(80, host);
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  await once(server, 'connection');
  const about = { label: 'a server', url: new URL(`ws://${host}/`), pids: [process.pid], notes: [] };
  const target = watchRunning(about);
  onTestFinished(() => target.end());
  const look = await firstLook({ target, inside: undefined, signal: new AbortController().signal }, 0);
  expect(look.sockets).toMatchObject({ LISTEN: 1, ESTABLISHED: 1 });
});
