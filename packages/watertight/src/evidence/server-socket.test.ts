import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { countSockets, findServerSocket, socketInodes } from './server-socket.ts';

const FIXTURE = fileURLToPath(new URL('../../test/fixtures/keeps-sockets.mjs', import.meta.url));

const leftovers: (() => unknown)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0).toReversed()) end();
});

interface Server {
  readonly pid: number;
  readonly port: number;
  /** Connects, and waits until the server has accepted. */
  client(): Promise<Socket>;
}

async function server(...args: string[]): Promise<Server> {
  const child = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  leftovers.push(() => child.kill('SIGKILL'));
  const said = async (): Promise<string> => String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim();
  const port = Number(await said());
  const client = async (): Promise<Socket> => {
    const accepted = said();
    const socket = connect(port, '127.0.0.1');
    leftovers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    await accepted;
    return socket;
  };
  return { pid: child.pid ?? 0, port, client };
}

async function until(isTrue: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + 3_000;
  while (performance.now() < deadline) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

test('[P1] sockets are counted by TCP state: the twin that keeps its side stays in CLOSE_WAIT, the healthy one is back', async () => {
  const leaky = await server();
  const healthy = await server('--closes');
  for (const { pid, port, client } of [leaky, healthy]) {
    expect(await countSockets(pid, port)).toMatchObject({ LISTEN: 1 });
    const clients = [await client(), await client(), await client()];
    expect(await countSockets(pid, port)).toMatchObject({ LISTEN: 1, ESTABLISHED: 3 });
    for (const socket of clients) socket.end();
  }
  expect(await until(async () => (await countSockets(leaky.pid, leaky.port))?.['CLOSE_WAIT'] === 3)).toBe(true);
  const back = async (): Promise<boolean> => {
    const counts = await countSockets(healthy.pid, healthy.port);
    return counts?.['CLOSE_WAIT'] === undefined && counts?.['ESTABLISHED'] === undefined;
  };
  expect(await until(back)).toBe(true);
});

test('[P2] the server’s end of one connection is found by its two ports, and whether it is held still', async () => {
  const healthy = await server('--closes');
  const socket = await healthy.client();
  const held = await findServerSocket(healthy.pid, healthy.port, socket.localPort ?? 0);
  expect(await held?.isHeld()).toBe(true);
  socket.end();
  expect(await until(async () => !(await held?.isHeld()))).toBe(true);
  expect(await findServerSocket(healthy.pid, healthy.port, 1)).toBeUndefined();
});

test('[P2] a socket whose connection was reset and which its process never let go of is held still', async () => {
  const leaky = await server('--holds-reset');
  const socket = await leaky.client();
  const clientPort = socket.localPort ?? 0;
  const held = await findServerSocket(leaky.pid, leaky.port, clientPort);
  socket.resetAndDestroy();
  const isDropped = async (): Promise<boolean> =>
    (await findServerSocket(leaky.pid, leaky.port, clientPort)) === undefined;
  await once(socket, 'close');
  expect(await until(isDropped)).toBe(true);
  expect(await held?.isHeld()).toBe(true);
  expect((await countSockets(leaky.pid, leaky.port))?.['other']).toBeGreaterThan(0);
});

test('[P3] what cannot be looked at is not visible, and never zero', async () => {
  expect(await countSockets(2 ** 30, 1)).toBeUndefined();
  expect(await findServerSocket(2 ** 30, 1, 2)).toBeUndefined();
  expect((await socketInodes(2 ** 30)).size).toBe(0);
});
