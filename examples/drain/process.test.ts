import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

const children: ChildProcess[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  const exits = children.splice(0).map(async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await Promise.all(exits);
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: readonly string[];
}

async function start(file: string, env: Readonly<Record<string, string>> = {}, listeners = 1): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DRAIN_WINDOW_MS: '1500', ...env },
  });
  children.push(child);
  if (child.stdout === null) throw new Error('no output');
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  const addresses = (): string[] => lines.filter((line) => line.startsWith('drain: http'));
  while (addresses().length < listeners) await once(reader, 'line');
  return { child, url: (addresses()[0] ?? '').slice('drain: http://'.length), lines };
}

interface Left {
  readonly code: number;
  readonly reason: string;
  readonly atMs: number;
}

async function connect(url: string, user: string): Promise<{ client: WebSocket; left: Promise<Left> }> {
  const client = new WebSocket(`ws://${url}/?user=${user}`);
  clients.push(client);
  const left = new Promise<Left>((resolve) => {
    client.once('close', (code, reason) => resolve({ code, reason: reason.toString(), atMs: performance.now() }));
  });
  await once(client, 'open');
  return { client, left };
}

async function connectMany(url: string, count: number): Promise<Promise<Left>[]> {
  const left: Promise<Left>[] = [];
  for (let index = 0; index < count; index += 1) left.push((await connect(url, `user-${index}`)).left);
  return left;
}

interface Refused {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** `undefined`: it was let in. */
async function newcomer(url: string): Promise<Refused | undefined> {
  const client = new WebSocket(`ws://${url}/?user=late`);
  clients.push(client);
  client.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    client.once('open', () => resolve(undefined));
    client.once('close', () => reject(new Error('nobody answered')));
    client.once('unexpected-response', (_, { statusCode = 0, headers }) => {
      resolve({ status: statusCode, retryAfter: headers['retry-after'] });
    });
  });
}

async function exitOf(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null) return child.exitCode;
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal;
}

async function probe(url: string): Promise<number> {
  const response = await fetch(`http://${url}/ready`, { headers: { connection: 'close' } });
  await response.text();
  return response.status;
}

/** Everybody was told to come back, and not all at once. */
function expectSpread(all: readonly Left[]): void {
  expect(new Set(all.map(({ code, reason }) => `${code} ${reason}`))).toEqual(new Set(['1012 drained']));
  const times = all.map(({ atMs }) => atMs);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(500);
}

test('[Y11] SIGTERM: the probe fails first, newcomers get 503, clients are closed one after another, stores last', async () => {
  const { child, url, lines } = await start('server.js');
  expect(await probe(url)).toBe(200);
  const left = await connectMany(url, 20);
  child.kill('SIGTERM');
  let status = 200;
  while (status === 200) status = await probe(url);
  expect(status).toBe(503);
  expect(await newcomer(url)).toEqual({ status: 503, retryAfter: '1' });
  expectSpread(await Promise.all(left));
  expect(await exitOf(child)).toBe(0);
  expect(lines.slice(1, 3)).toEqual(['drain: the store is closed', 'drain: metrics are flushed, 20 sessions released']);
  expect(lines[3]).toMatch(/^drain: 20 closed, 0 hard stopped, 0 left, 1 refused in \d+ ms$/);
});

test('[Y11] a client that has not read what was sent gets all of it within the window, and is closed then', async () => {
  const { child, url } = await start('server.js', { DRAIN_WINDOW_MS: '5000' });
  const bytes = 32 * 1024 * 1024;
  const { client, left } = await connect(url, 'slow');
  client.pause();
  let received = 0;
  client.on('message', (data: Buffer) => {
    received += data.length;
  });
  client.send(`fill ${bytes}`);
  await connect(url, 'quick').then(async ({ client: quick }) => {
    quick.send('there?');
    await once(quick, 'message');
  });
  child.kill('SIGTERM');
  while ((await probe(url)) === 200);
  // Half of the window without reading a byte: the server waits.
  const beganAtMs = performance.now();
  while (performance.now() - beganAtMs < 2000) await probe(url);
  expect(client.readyState).toBe(WebSocket.OPEN);
  client.resume();
  expect(await left).toMatchObject({ code: 1012, reason: 'drained' });
  expect(received).toBe(bytes);
  expect(await exitOf(child)).toBe(0);
});

test('[Y11] a preStop hook drains and waits, and the SIGTERM behind it changes nothing', async () => {
  const { child, url, lines } = await start('server.js');
  const left = await connectMany(url, 20);
  const hook = spawn(process.execPath, [fileURLToPath(new URL('pre-stop.js', import.meta.url))], {
    env: { ...process.env, PORT: url.split(':')[1] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(hook);
  let said = '';
  hook.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(hook, 'close');
  expect(hook.exitCode).toBe(0);
  expect(JSON.parse(said)).toMatchObject({ managers: 20, closed: 20, closeLast: { run: 2, failed: [], overdue: [] } });
  expectSpread(await Promise.all(left));
  expect([await probe(url), child.exitCode]).toEqual([503, null]);
  child.kill('SIGTERM');
  expect(await exitOf(child)).toBe(0);
  expect(lines.filter((line) => line.includes('store'))).toHaveLength(1);
});

test('[Y11] a cluster: every worker drains by itself and refuses newcomers with 503, nobody is respawned, and all end with 0', async () => {
  const { child, url, lines } = await start('cluster.js', { WORKERS: '2', DRAIN_WINDOW_MS: '3000' }, 2);
  const left = await connectMany(url, 20);
  child.kill('SIGTERM');
  // Whoever meets a worker that has not heard of it yet is one more to be drained.
  let letIn = 0;
  const refused: Refused[] = [];
  while (refused.length < 8) {
    const answer = await newcomer(url);
    if (answer === undefined) letIn += 1;
    else refused.push(answer);
  }
  for (const answer of refused) expect(answer).toEqual({ status: 503, retryAfter: '1' });
  expectSpread(await Promise.all(left));
  expect(await exitOf(child)).toBe(0);
  const reports = lines.flatMap((line) => {
    const [, closed, refusedCount] = /^drain: (\d+) closed, .* (\d+) refused in/.exec(line) ?? [];
    return closed === undefined ? [] : [{ closed: Number(closed), refused: Number(refusedCount) }];
  });
  expect(reports).toHaveLength(2);
  expect(reports.reduce((sum, { closed }) => sum + closed, 0)).toBe(20 + letIn);
  // The primary hands newcomers to each worker in turn.
  for (const report of reports) expect(report.refused).toBeGreaterThan(0);
  expect(reports.reduce((sum, report) => sum + report.refused, 0)).toBe(refused.length);
  expect(lines.join('\n')).not.toContain('another one starts');
});

test('[Y14] a primary whose workers cannot listen ends with 1, and starts no others for ever', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => {
    taken.close();
  });
  await once(taken, 'listening');
  const address = taken.address();
  const port = String(typeof address === 'object' ? address?.port : undefined);
  const child = spawn(process.execPath, [fileURLToPath(new URL('cluster.js', import.meta.url))], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PORT: port },
  });
  children.push(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain(`EADDRINUSE 127.0.0.1:${port}`);
});
