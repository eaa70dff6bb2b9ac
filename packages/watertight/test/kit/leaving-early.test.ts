import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connectInMemory } from '../../src/kit.ts';

/** What a server sees of a client, to the end of it. */
function seenBy(server: Server): Promise<readonly string[]> {
  return new Promise((resolve) => {
    server.once('connection', (socket: Socket) => {
      const seen: string[] = [];
      onTestFinished(() => void socket.destroy());
      socket.resume();
      socket.on('end', () => seen.push('end'));
      socket.on('error', ({ code }: NodeJS.ErrnoException) => seen.push(`error ${code}`));
      socket.on('close', (isBroken) => resolve([...seen, `close ${isBroken}`]));
    });
  });
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return server;
}

test('[TK32] a server is told of a client that leaves while it connects, as over TCP', async () => {
  const overTcp = await listening();
  const seenOverTcp = seenBy(overTcp);
  const clientOverTcp = connect((overTcp.address() as AddressInfo).port, '127.0.0.1');
  await once(overTcp, 'connection');
  clientOverTcp.destroy();
  const inMemory = createServer();
  const seenInMemory = seenBy(inMemory);
  const client = connectInMemory(inMemory, { delayMs: 10 });
  await once(inMemory, 'connection');
  expect(client.connecting).toBe(true);
  client.destroy();
  expect(await seenInMemory).toEqual(await seenOverTcp);
});

test('[TK32] and of one that is reset while it connects', async () => {
  const server = createServer();
  const seen = seenBy(server);
  const client = connectInMemory(server, { delayMs: 10 });
  await once(server, 'connection');
  client.resetAndDestroy();
  expect(await seen).toEqual(['error ECONNRESET', 'close true']);
});

test('[TK32] a connection is pending until it is there, and when it is no more, as over TCP', async () => {
  const server = await listening();
  const pendingOf = async (client: Socket): Promise<readonly boolean[]> => {
    onTestFinished(() => void client.destroy());
    const seen = [client.pending];
    await once(client, 'connect');
    seen.push(client.pending);
    client.destroy();
    return [...seen, client.pending];
  };
  const overTcp = await pendingOf(connect((server.address() as AddressInfo).port, '127.0.0.1'));
  expect(overTcp).toEqual([true, false, true]);
  expect(await pendingOf(connectInMemory(server))).toEqual(overTcp);
});
