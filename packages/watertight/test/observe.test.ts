import { createHmac } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Alert } from '@watertight/server/alerts';
import { afterEach, expect, test } from 'vitest';
import { listenersOf } from '../src/target/listening.ts';
import { runCli, startCli } from './cli-process.ts';
import { inspectorIn } from './inspector-in.ts';

const SERVER = fileURLToPath(new URL('fixtures/traffic-server.mjs', import.meta.url));
const QUICK = ['--window', '400ms', '--windows', '4', '--sample', '1024', '--max-share', '50'];
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server with real traffic, one connection after another, until the test ends. */
async function serving(
  how: 'leaky' | 'cache' | 'healthy',
  nodeOption = '--inspect-port=0',
): Promise<{ child: ChildProcess; pid: number; inspector: Promise<string> }> {
  const child = spawn(process.execPath, [nodeOption, SERVER, how], { stdio: ['ignore', 'pipe', 'pipe'] });
  const inspector = inspectorIn(child.stderr);
  ends.push(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  const isOver = { now: false };
  const ask = (): Promise<void> =>
    new Promise((resolve) => {
      const asked = get({ port, host: '127.0.0.1', agent: false }, (answer) => answer.resume().on('end', resolve));
      asked.on('error', () => resolve());
    });
  const traffic = (async () => {
    while (!isOver.now) {
      await ask();
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  ends.push(async () => {
    isOver.now = true;
    await traffic;
  });
  return { child, pid: child.pid ?? 0, inspector };
}

test('[OB1] the line that keeps something of each connection is told, posted with a signature, and in the summary', async () => {
  const posted: { body: string; signature: string }[] = [];
  const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      posted.push({ body, signature: String(request.headers['x-watertight-signature']) });
      // The first attempt fails, and is made again.
      response.writeHead(posted.length === 1 ? 503 : 200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  ends.push(() => receiver.close());
  const { pid } = await serving('leaky');
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/ops`;
  const running = startCli(['observe', String(pid), ...QUICK, '--webhook', hook], {
    deadlineMs: 50_000,
    env: { WATERTIGHT_WEBHOOK_SECRET: 'hush' },
  });
  await running.shows('GROWING');
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(/GROWING {2}\S*traffic-server\.mjs:12:\d+ in remember keeps growing: about \d/);
  expect(stdout).toMatch(/One place keeps growing:\n.*traffic-server\.mjs:12:/);
  expect(posted.length).toBeGreaterThanOrEqual(2);
  const { body = '', signature = '' } = posted[1] ?? {};
  const [, seconds, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
  expect(given).toBe(createHmac('sha256', 'hush').update(`${seconds}.${body}`).digest('hex'));
  const alert = JSON.parse(body) as Alert;
  expect(alert).toMatchObject({ rule: 'WatertightPlaceKeepsGrowing', state: 'firing', factory: `process ${pid}` });
  expect(alert.summary).toContain('traffic-server.mjs:12:');
});

test('[OB1] servers that keep nothing, or have a warm cache, alert nobody', async () => {
  const observed = (['healthy', 'cache'] as const).map(async (how) => {
    const { pid } = await serving(how);
    const { code, stdout } = await runCli(['observe', String(pid), ...QUICK, '--json', '--for', '5s'], {
      deadlineMs: 50_000,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; acceptedCount?: number });
    expect(lines[0]).toMatchObject({ type: 'begin', pid });
    expect(lines.some(({ type }) => type === 'alert')).toBe(false);
    const looks = lines.filter(({ type }) => type === 'look');
    // On a machine that is busy a look may wait, and fewer are too few to say anything.
    expect(code).toBe(looks.length >= 7 ? 0 : 3);
    expect(looks.at(-1)?.acceptedCount).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', growing: [] });
  });
  await Promise.all(observed);
});

test('[OB4] looks come as seldom as --max-share asks, and end where one exceeds --max-stop', async () => {
  const { pid } = await serving('healthy');
  // Each stops it for a millisecond at least: at 0.01 % the next one is 10 s away.
  const seldom = await runCli(['observe', String(pid), '--window', '250ms', '--max-share', '0.01', '--for', '4s']);
  expect(seldom.stdout.match(/stopped for/g)).toHaveLength(1);
  const { code, stderr } = await runCli(['observe', String(pid), '--window', '250ms', '--max-stop', '1']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/a look stopped the process for \d+ ms, and --max-stop is 1 ms: it is observed no longer/);
});

test('[OB5] Ctrl-C closes the inspector and takes back what counts, and a process that ends is said to have', async () => {
  const { child, pid } = await serving('healthy');
  const before = listenersOf([pid]);
  const running = startCli(['observe', String(pid), ...QUICK]);
  await running.shows('stopped for');
  expect(listenersOf([pid]).length).toBe(before.length + 1);
  expect(listenersOf([pid]).every(({ isLoopback }) => isLoopback)).toBe(true);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(3);
  expect(stdout).toContain('Too short to say');
  expect(listenersOf([pid])).toEqual(before);
  const again = startCli(['observe', String(pid), ...QUICK]);
  await again.shows('stopped for');
  child.kill('SIGKILL');
  const ended = await again.ended;
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain(`process ${pid} has ended`);
  expect(ended.stdout).toContain('looks in');
});

test('[OB1, OB5] an inspector that was open already is looked through, and stays open', async () => {
  const { pid, inspector } = await serving('leaky', '--inspect=127.0.0.1:0');
  const address = await inspector;
  const before = listenersOf([pid]);
  const running = startCli(['observe', address, ...QUICK], { deadlineMs: 50_000 });
  await running.shows('GROWING');
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(/One place keeps growing:\n.*traffic-server\.mjs:12:/);
  expect(listenersOf([pid])).toEqual(before);
  expect(before.map(({ host, port }) => `${host}:${port}`)).toContain(address);
});

test('[OB6] what cannot be asked for is said with its limits and unit', async () => {
  const told = async (...args: string[]): Promise<unknown> => {
    const { code, stderr } = await runCli(['observe', ...args]);
    return [code, stderr];
  };
  const answers = await Promise.all([
    told('hello'),
    told('4711', '--window', '5'),
    told('4711', '--max-share', '0'),
    told('4711', '--webhook', 'ftp://x'),
  ]);
  expect(answers).toEqual([
    [2, expect.stringMatching(/observe "hello": expected a process id such as 4711/)],
    [2, expect.stringMatching(/--window is "5"; expected a time with its unit such as 30s, .*from 250 to 86400000 ms/)],
    [2, expect.stringMatching(/--max-share is "0"; expected a number from 0\.01 to 50 %/)],
    [2, expect.stringMatching(/--webhook is "ftp:\/\/x"; expected an http: or https: URL/)],
  ]);
});
