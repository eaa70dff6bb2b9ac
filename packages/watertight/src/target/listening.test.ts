import { createServer, connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { listenersOf, pidListeningOn, socketInodes } from './listening.ts';
import { processRecord, processTree } from './proc.ts';
import { socketsOn } from './tcp-table.ts';

test.each(['127.0.0.1', '127.0.0.2', '0.0.0.0', '::', '::1'])(
  '[K9] a port opened on %s is found with an address to reach it at',
  async (host) => {
    const server = createServer().listen(0, host);
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const found = listenersOf([process.pid]).find((it) => it.port === port);
      expect(found).toMatchObject({ pid: process.pid, host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host });
      expect(pidListeningOn(port)).toBe(process.pid);
    } finally {
      server.close();
    }
  },
);

test('[K9] ports come in the order in which they were opened', async () => {
  const servers = [];
  for (let count = 0; count < 3; count += 1) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  expect(
    listenersOf([process.pid])
      .map((it) => it.port)
      .filter((port) => ports.includes(port)),
  ).toEqual(ports);
  for (const server of servers) server.close();
});

test('[K9] a connection is found by its two ports, with its state', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [ReturnType<typeof connect>];
  const found = (await socketsOn(process.pid, port)).find(
    (it) => it.localPort === port && it.remotePort === client.localPort,
  );
  expect(found?.state).toBe('ESTABLISHED');
  expect(socketInodes(process.pid).has(found?.inode ?? 0)).toBe(true);
  socket.destroy();
  client.destroy();
  server.close();
});

test('[K9] what is not there is nothing, and no error', () => {
  expect(processRecord(2 ** 30)).toBeUndefined();
  expect(listenersOf([2 ** 30])).toEqual([]);
  expect(processTree(2 ** 30)).toEqual([]);
});
