import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { poll } from './poll.ts';
import { lookAtProcess, lookAtProcesses, type ProcessLook } from './process-look.ts';

const FIXTURE = fileURLToPath(new URL('../../test/fixtures/leaks-outside.mjs', import.meta.url));
const LIVES = 3;

const leftovers: (() => unknown)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0).toReversed()) end();
});

async function start(...args: string[]): Promise<{ readonly pid: number; readonly port: number }> {
  const child = spawn(process.execPath, [FIXTURE, ...args], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const pid = child.pid ?? 0;
  leftovers.push(() => process.kill(-pid, 'SIGKILL'));
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { pid, port: Number(said.toString()) };
}

/** One client after another: served, and gone. */
async function visit(port: number): Promise<void> {
  for (let life = 0; life < LIVES; life += 1) {
    const socket = connect(port, '127.0.0.1');
    leftovers.push(() => socket.destroy());
    await once(socket, 'data');
    socket.end();
  }
}

const stays = (look: ProcessLook): Record<string, number> => ({
  file: look.descriptors?.['file'] ?? 0,
  child: look.children?.['sleep'] ?? 0,
  socket: look.sockets?.['CLOSE_WAIT'] ?? 0,
});

/** What is there once nothing else goes: the same for half a second. */
async function settled(pid: number, port: number, wanted: Record<string, number>): Promise<Record<string, number>> {
  const { last } = await poll(
    async () => stays(await lookAtProcess(pid, { port })),
    (seen) => JSON.stringify(seen) === JSON.stringify(wanted),
    { deadlineMs: 5_000 },
  );
  return last;
}

test.each([
  ['file', { file: LIVES, child: 0, socket: 0 }],
  ['child', { file: 0, child: LIVES, socket: 0 }],
  ['socket', { file: 0, child: 0, socket: LIVES }],
  ['nothing', { file: 0, child: 0, socket: 0 }],
])('[P20] what a server keeps of every connection is seen from outside: %s', async (keeps, wanted) => {
  const { pid, port } = await start(keeps);
  const before = stays(await lookAtProcess(pid, { port }));
  expect(before).toEqual({ file: 0, child: 0, socket: 0 });
  await visit(port);
  expect(await settled(pid, port, wanted)).toEqual(wanted);
});

test('[P21] descriptors have kinds, threads are counted, memory has its unit', async () => {
  const { pid, port } = await start();
  const look = await lookAtProcess(pid, { port, pss: true });
  for (const kind of ['socket', 'eventpoll', 'eventfd']) expect(look.descriptors?.[kind]).toBeGreaterThan(0);
  expect(look.sockets).toMatchObject({ LISTEN: 1 });
  expect(look.sockets?.['ESTABLISHED']).toBeUndefined();
  expect(look.threadCount).toBeGreaterThan(3);
  expect(look.rssBytes).toBeGreaterThan(10_000_000);
  expect(look.pssBytes).toBeGreaterThan(1_000_000);
  expect(look.pssBytes).toBeLessThanOrEqual(look.rssBytes ?? 0);
  expect((await lookAtProcess(pid, { port })).pssBytes).toBeUndefined();
});

test('[P22] several processes are added up, and what one does not show is not known of all', async () => {
  const [one, other] = [await start(), await start()];
  const options = { port: one.port };
  const both = await lookAtProcesses([one.pid, other.pid], options);
  const each = [await lookAtProcess(one.pid, options), await lookAtProcess(other.pid, options)];
  expect(both.threadCount).toBe((each[0]?.threadCount ?? 0) + (each[1]?.threadCount ?? 0));
  expect(both.descriptors?.['socket']).toBe(
    (each[0]?.descriptors?.['socket'] ?? 0) + (each[1]?.descriptors?.['socket'] ?? 0),
  );
  const nothing = { descriptors: undefined, sockets: undefined, children: undefined, threadCount: undefined };
  expect(await lookAtProcess(2 ** 30, options)).toMatchObject(nothing);
  expect(await lookAtProcesses([one.pid, 2 ** 30], options)).toMatchObject(nothing);
  expect(await lookAtProcesses([], options)).toMatchObject(nothing);
});
