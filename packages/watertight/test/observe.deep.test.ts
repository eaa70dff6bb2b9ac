import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listenersOf } from '../src/target/listening.ts';
import { runCli, startCli } from './cli-process.ts';
import { QUICK, serving } from './observed-traffic.ts';

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

test('[OB1] the line is that of the source also in a module that is translated and loaded later', async () => {
  const { pid, port } = await serving('healthy', '--import', 'tsx');
  const running = startCli(['observe', String(pid), ...QUICK], { deadlineMs: 50_000 });
  await running.shows('stopped for');
  await (await fetch(`http://127.0.0.1:${port}/late`)).text();
  await running.shows('GROWING');
  running.child.kill('SIGINT');
  const { code, stdout } = await running.ended;
  expect(stdout).toMatch(/GROWING {2}\S*remembers-late\.mts:10:\d+ in rememberLate keeps growing/);
  expect(code).toBe(1);
});

test('[OB9] buffers that stay are told with what they are outside the heap, and without a place as far as is known', async () => {
  const { pid } = await serving('buffers');
  const fine = startCli(['observe', String(pid), ...QUICK], { deadlineMs: 50_000 });
  await fine.shows('GROWING');
  fine.child.kill('SIGINT');
  const told = await fine.ended;
  expect(told.stdout).toMatch(
    /keeps growing: .*; memory outside the heap, such as that of buffers, grew by \d+\.\d MB meanwhile/,
  );
  expect(told.stdout).toMatch(/heap \d+\.\d MB and \d+\.\d MB outside it, /);
  // One sample for each 16 MB: of what keeps them there is none.
  const coarse = ['--sample', String(2 ** 24), '--for', '8s'];
  const { code, stdout } = await runCli(['observe', String(pid), ...QUICK, ...coarse]);
  expect(stdout).toMatch(/\nMemory outside the heap, such as that of buffers, kept growing: \d+\.\d MB in \d+ s/);
  expect(code).toBe(3);
});

test('[OB8] an alert that the webhook does not take is said at once', async () => {
  const refuses = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(404).end()),
  );
  await once(refuses.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void refuses.close());
  const { pid } = await serving('leaky');
  const hook = `http://127.0.0.1:${(refuses.address() as AddressInfo).port}/ops`;
  const running = startCli(['observe', String(pid), ...QUICK, '--webhook', hook], { deadlineMs: 30_000 });
  await running.shows('watertight: an alert could not be sent to --webhook: HTTP 404');
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(1);
});

test('[OB6] what was seen to grow counts also where a look takes too long afterwards, and else too few looks say nothing', async () => {
  const { pid, port } = await serving('leaky');
  const running = startCli(['observe', String(pid), ...QUICK, '--max-stop', '200'], { deadlineMs: 50_000 });
  await running.shows('GROWING');
  // What it holds from then on takes several times as long to collect.
  await (await fetch(`http://127.0.0.1:${port}/fill`)).text();
  const grown = await running.ended;
  expect(grown.stderr).toMatch(/a look stopped the process for \d+ ms, and --max-stop is 200 ms/);
  expect(grown.stdout).toContain('One place keeps growing');
  expect(grown.code).toBe(1);
  const early = await runCli(['observe', String(pid), ...QUICK, '--max-stop', '200']);
  expect(early.stdout).toContain('Too short to say');
  expect(early.stdout).not.toContain('Nothing is known to keep growing.');
  expect(early.code).toBe(3);
});
