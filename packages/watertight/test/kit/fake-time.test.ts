import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectInMemory, LeakGuard, openRelay, startServer } from '../../src/vitest.ts';

const SETTLE_MS = 40;
const SERVER = "new (require('ws').WebSocketServer)({ port: 0, host: '127.0.0.1' })";

function fakeTime(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

test('[TK24] a guard ends in the time that passes while the timers of the runner are fake', async () => {
  const guard = new LeakGuard({ settleMs: SETTLE_MS });
  onTestFinished(() => guard[Symbol.dispose]());
  guard.begin();
  const beat = setInterval(() => undefined, 60_000);
  onTestFinished(() => clearInterval(beat));
  fakeTime();
  await expect(guard.end('a test')).rejects.toThrow('interval of 60000 ms');
});

test('[TK24] a promise of milliseconds is held against those that pass', async () => {
  fakeTime();
  await expect(expect(() => 1).toReleaseWithin(SETTLE_MS)).rejects.toThrow('1 of 1 are still held');
  await expect(() => 0).toReleaseWithin(SETTLE_MS);
});

test('[TK24] a connection in memory goes on, late ones too', async () => {
  fakeTime();
  const server = createServer((socket) => socket.pipe(socket));
  const client = connectInMemory(server, { delayMs: 5 });
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  client.end('hello');
  const [chunk] = (await once(client, 'data')) as [Buffer];
  expect(String(chunk)).toBe('hello');
  await once(client, 'close');
});

test('[TK24] a relay delays, ends and looks', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.resume().once('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const relay = await openRelay((server.address() as AddressInfo).port);
  onTestFinished(async () => await relay.close());
  fakeTime();
  relay.delay(20);
  const client = connect(relay.port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  const connection = await relay.nextConnection();
  await connection.end('fin');
  expect((await connection.letGo(10_000))?.how).toBe('fin');
});

test('[TK24] a function in this process and a command are started and ended', async () => {
  fakeTime();
  const here = await startServer(() => createServer());
  expect(here.isInProcess).toBe(true);
  await here.close();
  const server = await startServer({ command: [process.execPath, '-e', SERVER] });
  expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/$/);
  await server.close();
});

test('[TK24] a page that is waited for, and does not answer at first, is asked again', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  const script = `
    let asked = 0;
    const server = require('http').createServer((_request, response) => { if ((asked += 1) > 1) response.end(); });
    new (require('ws').WebSocketServer)({ server });
    server.listen(${port}, '127.0.0.1');
  `;
  fakeTime();
  const waitFor = `http://127.0.0.1:${port}/ready`;
  const server = await startServer({ command: [process.execPath, '-e', script] }, { waitFor });
  expect(new URL(server.url).port).toBe(String(port));
  await server.close();
});
