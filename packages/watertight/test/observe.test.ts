import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@watertight/server/alerts';
import { expect, onTestFinished, test } from 'vitest';
import { listenersOf } from '../src/target/listening.ts';
import { runCli, startCli } from './cli-process.ts';
import { QUICK, serving } from './observed-traffic.ts';

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
  onTestFinished(() => void receiver.close());
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
