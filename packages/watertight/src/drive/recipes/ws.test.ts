import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { parseIdentity } from '../identity.ts';
import { openLifeDrive } from '../lives.ts';
import { wsRecipe } from './ws.ts';

test('[AL5] who is let in and closed before it answered a ping is refused, with the close code', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, request) => {
    if (request.url?.includes('test-user-1')) socket.close(4429, 'too many managers');
  });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const lives = await openLifeDrive({
    url: new URL(`ws://127.0.0.1:${port}/`),
    identity: parseIdentity(),
    recipe: wsRecipe({ send: [] }),
    random: Math.random,
    signal: new AbortController().signal,
  });
  try {
    const live = async (user: string) => await lives.live({ user, ending: 'close-frame', patienceMs: 500 });
    expect(await live('test-user-1')).toMatchObject({ served: false, refused: { closeCode: 4429 } });
    expect(await live('test-user-2')).toMatchObject({ served: true });
  } finally {
    await lives.dispose();
    for (const client of server.clients) client.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
});
