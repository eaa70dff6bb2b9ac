import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atEnd } from '../../test/factory-kit.ts';
import { until } from '../../test/guarded-server.ts';
import { resetSocket } from './reset-socket.ts';

/** Both ends of a connection, of which the far one reads nothing yet. */
async function pair(at: 'tcp' | 'pipe'): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-'));
  const server = createServer({ allowHalfOpen: true });
  server.listen(at === 'tcp' ? { port: 0, host: '127.0.0.1' } : { path: join(folder, 'socket') });
  await once(server, 'listening');
  const address = server.address() as AddressInfo | string;
  const far = typeof address === 'string' ? connect(address) : connect(address.port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [Socket];
  for (const socket of [near, far]) socket.on('error', () => undefined);
  atEnd(() => {
    far.destroy();
    near.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { near, far };
}

const isClosed = (socket: Socket): boolean => socket.closed;

test('[G26] a socket that waits for a peer that does not read is reset', async () => {
  const { near, far } = await pair('tcp');
  let reset = false;
  far.on('error', () => (reset = true));
  near.write(Buffer.alloc(1 << 24));
  resetSocket(near);
  far.resume();
  await until(() => isClosed(near) && reset, 'it is closed and reset', 1000);
});

test.each([
  ['on its way', 0],
  ['out', 1],
] as const)(
  '[G26] what was said with a FIN that is %s still arrives, and the socket is closed',
  async (_where, finished) => {
    const { near, far } = await pair('tcp');
    const finish = once(near, 'finish');
    near.end('goodbye');
    if (finished === 1) await finish;
    resetSocket(near);
    await until(() => isClosed(near), 'it is closed', 1000);
    let heard = '';
    far.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await until(() => far.readableEnded, 'all is heard', 1000);
    expect(heard).toBe('goodbye');
  },
);

test('[G26] a socket that cannot be reset is closed, and one that is gone is left alone', async () => {
  const { near } = await pair('pipe');
  resetSocket(near);
  await until(() => isClosed(near), 'it is closed', 1000);
  expect(() => resetSocket(near)).not.toThrow();
});
