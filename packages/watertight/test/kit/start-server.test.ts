import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startServer, type CommandToStart, type InProcessServer } from '../../src/kit.ts';

async function taken(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each(['127.0.0.1', 'localhost', undefined])(
  '[TK31] a port that is taken is told, on host %s, and nothing listens in its place',
  async (host) => {
    const port = await taken(host);
    let made: Server | undefined;
    const starting = startServer(() => (made = createServer().listen(port, host)));
    await expect(starting).rejects.toThrow('EADDRINUSE');
    expect(made?.listening).toBe(false);
  },
);

test('[TK31] a server listens where it was told to', async () => {
  const port = await taken();
  const server = await startServer(() => createServer().listen({ port: 0, host: '127.0.0.1' }));
  onTestFinished(async () => await server.close());
  expect(new URL(server.url).port).not.toBe(String(port));
  const made = createServer();
  const fixed = await startServer(() => made.listen(0, '127.0.0.2'));
  onTestFinished(async () => await fixed.close());
  expect((made.address() as AddressInfo).address).toBe('127.0.0.2');
  expect(new URL(fixed.url).hostname).toBe('127.0.0.2');
});

test('[TK31] a server listens where it was told to by a name, which takes a while to be looked up', async () => {
  for (let round = 0; round < 5; round += 1) {
    const made = createServer();
    const told = vi.spyOn(made, 'listen');
    const named = await startServer(() => made.listen(0, 'localhost'));
    await named.close();
    expect(told.mock.calls).toEqual([[0, 'localhost']]);
  }
});

test('[TK31] what a function answers may be any promise', async () => {
  const made = createServer();
  // As a function of another realm answers it.
  const promised = runInNewContext('async (value) => value') as (server: Server) => Promise<Server>;
  const server = await startServer(() => promised(made));
  onTestFinished(async () => await server.close());
  expect(made.listening).toBe(true);
});

/** As a caller without types has them. */
const NO_SERVERS: readonly unknown[] = [undefined, {}, { url: 'ws://127.0.0.1:80/' }, 'ws://127.0.0.1:80/'];

test.each(NO_SERVERS)('[TK31] %j is no server that a function can answer', async (answer) => {
  await expect(startServer(() => answer as InProcessServer)).rejects.toThrow(
    'startServer: the function answered no server; expected an http.Server, or { url, close() }',
  );
});

test('[TK31] what is no command, no time and no path is refused with what is one', async () => {
  const nothing = undefined as unknown as CommandToStart;
  const text = { command: 'node server.js' } as unknown as CommandToStart;
  const command: CommandToStart = { command: ['node', '-e', 'setInterval(() => {}, 1000)'] };
  await expect(startServer(nothing)).rejects.toThrow('startServer: command is undefined; expected a list of texts');
  await expect(startServer(text)).rejects.toThrow("startServer: command is 'node server.js'; expected a list of texts");
  await expect(startServer({ ...command, cwd: '/no/such/folder' })).rejects.toThrow('there is no such folder');
  for (const timeoutMs of [Number.NaN, Infinity, -1])
    await expect(startServer(command, { timeoutMs })).rejects.toThrow(
      `startServer: timeoutMs is ${timeoutMs}; expected 0 to 600000 milliseconds`,
    );
  await expect(startServer(() => createServer(), { path: 'chat' })).rejects.toThrow(
    'startServer: path is "chat"; expected one that begins with "/"',
  );
});
