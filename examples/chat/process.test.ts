import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ChatClient } from './chat-client.ts';

const children: ChildProcess[] = [];
const clients: ChatClient[] = [];

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  const exits = children.splice(0).map(async (child) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  await Promise.all(exits);
});

function run(file: string, ...flags: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function start(file: string, ...flags: readonly string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = run(file, ...flags);
  if (child.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  expect(line).toMatch(/^chat: ws:\/\/127\.0\.0\.1:\d+\/\?user=<name>$/);
  return { child, url: line.slice('chat: '.length, line.indexOf('?')) };
}

async function connect(url: string, options?: { readonly autoPong?: boolean }): Promise<ChatClient> {
  const client = await ChatClient.connect(url, options);
  clients.push(client);
  return client;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  '[B24] the server says where it listens and ends with 0 on %s',
  async (signal) => {
    const { child, url } = await start('server.js');
    const ada = await connect(`${url}?user=ada`);
    const closed = once(ada.socket, 'close');
    child.kill(signal);
    expect(await closed).toMatchObject([1012, expect.anything()]);
    const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
    expect(code).toBe(0);
  },
);

test.each([
  ['--sing', 'Unknown option'],
  ['--limit=many', "--limit must be a number, got 'many'"],
  ['--limit=0', 'maxManagersPerUser must be a whole number'],
  ['--presence-interval-ms=-1', 'presenceIntervalMs must be from 1 to 2147483647 ms, got -1'],
  ['--presence-interval-ms=99999999999', 'presenceIntervalMs must be from 1 to 2147483647 ms, got 99999999999'],
])('[B24] the server refuses %s with exit code 2', async (flag, message) => {
  const child = run('server.js', flag);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(2);
  expect(said).toContain(message);
});

test('[B25] the leaky twin is a chat all the same', async () => {
  const { url } = await start('leaky.js');
  const ada = await connect(`${url}?user=ada`);
  const ben = await connect(`${url}?user=ben`);
  await ada.hears({ type: 'joined', user: 'ben' });
  ben.say({ type: 'say', room: 'lobby', text: 'hello' });
  expect(await ada.hears({ type: 'said' })).toMatchObject({ user: 'ben', text: 'hello' });
  ben.socket.close(1000);
  await ada.hears({ type: 'left', user: 'ben' });
});

test('[B25] the leaky twin knows no limit, keeps the seat of a client that reset, and never asks one that vanished', async () => {
  const { url } = await start('leaky.js', '--presence-interval-ms=20');
  await Promise.all(Array.from({ length: 25 }, () => connect(`${url}?user=ada`)));
  const lost = await connect(`${url}?user=lost`);
  const vanished = await connect(`${url}?user=vanished`, { autoPong: false });
  lost.drop('rst');
  const late = await connect(`${url}?user=late`);
  for (let n = 0; n < 20; n += 1) await late.hears({ type: 'presence', users: ['ada', 'late', 'lost', 'vanished'] });
  expect(vanished.pingCount).toBe(0);
});
