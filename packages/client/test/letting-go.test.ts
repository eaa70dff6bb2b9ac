import { once } from 'node:events';
import { type Socket, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Ending, keepConnected } from '../src/index.ts';
import { guarded } from './guarded-server.ts';

const soon = { timeout: 5000, interval: 5 };

test('[Z11] a socket that does not open in time is let go of, and is an attempt in vain', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.resume().on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const endings: Ending[] = [];
  const kept = keepConnected(() => new WebSocket(`ws://127.0.0.1:${port}/`), {
    openTimeoutMs: 50,
    backoff: { firstMs: 20, maxMs: 50 },
    onWait: ({ ending }) => endings.push(ending),
  });
  onTestFinished(async () => {
    kept.stop();
    server.close();
    await once(server, 'close');
  });
  await vi.waitFor(() => expect(endings.length).toBeGreaterThan(1), soon);
  expect(endings[0]).toEqual({ code: 1006, reason: 'not open after 50 ms' });
  await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true), soon);
});

test('[Z11] a socket that has opened is left alone, and the bound is refused where it is no number of milliseconds', async () => {
  const { port, factory } = await guarded();
  const endings: Ending[] = [];
  const kept = keepConnected(() => new WebSocket(`ws://127.0.0.1:${port}/?user=ada`), {
    openTimeoutMs: 1000,
    onWait: ({ ending }) => endings.push(ending),
  });
  onTestFinished(() => kept.stop());
  await vi.waitFor(() => expect(factory.usage('ada').active).toBe(1), soon);
  await vi.waitFor(() => expect(factory.lookAt('ada').managers[0]?.ageMs).toBeGreaterThan(1100), soon);
  expect([factory.usage('ada').active, endings]).toEqual([1, []]);
  const noSocket = (): never => {
    throw new Error('not opened');
  };
  // Nothing opens in no time at all, and 0 may be meant as off.
  for (const openTimeoutMs of [0, Infinity])
    expect(() => keepConnected(noSocket, { openTimeoutMs })).toThrow(
      `openTimeoutMs must be a number from 1 to 2147483647 ms, or false, got ${openTimeoutMs}`,
    );
  expect(() => keepConnected(noSocket, { openTimeoutMs: false })).toThrow('not opened');
});

test('[Z12] a code or reason that the socket does not take is thrown by stop, and the socket ends nevertheless', async () => {
  const { port, factory } = await guarded();
  for (const [code, reason] of [
    [1005, ''],
    [4000, 'x'.repeat(200)],
  ] as const) {
    const opened: WebSocket[] = [];
    const kept = keepConnected(() => new WebSocket(`ws://127.0.0.1:${port}/?user=ada`), {
      onOpen: (socket) => opened.push(socket),
    });
    onTestFinished(() => opened.forEach((socket) => socket.terminate()));
    await vi.waitFor(() => expect(opened).toHaveLength(1), soon);
    expect(() => kept.stop(code, reason)).toThrow();
    await vi.waitFor(() => expect(factory.usage('ada').held).toBe(0), soon);
    expect([kept.socket, opened[0]?.readyState]).toEqual([undefined, WebSocket.CLOSED]);
  }
});

test('[Z2] who stops it while the next socket is being made gets none', async () => {
  const { port, factory } = await guarded();
  const made: WebSocket[] = [];
  const kept = keepConnected(
    () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/?user=ada`);
      if (made.push(socket) === 2) kept.stop();
      return socket;
    },
    { backoff: { firstMs: 0 } },
  );
  onTestFinished(() => made.forEach((socket) => socket.terminate()));
  await vi.waitFor(() => expect(factory.usage('ada').active).toBe(1), soon);
  await factory.closeAllForUser('ada');
  await vi.waitFor(() => expect(made[1]?.readyState).toBe(WebSocket.CLOSED), soon);
  expect([kept.socket, made.length]).toEqual([undefined, 2]);
});
