import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, assert, expect, test, vi } from 'vitest';
import { openTargetInside } from '../inspector/open-target.ts';
import { openInspectTarget } from './inspect.ts';
import { parseInspectorAddress } from './inspector-address.ts';
import { TargetError } from './failure.ts';
import { listenersOf, type Listener } from './listening.ts';
import { openPidTarget } from './pid.ts';
import { commandLineOf, familyOf, isAlive, processRecord } from './proc.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

const leftovers: (() => unknown)[] = [];
afterEach(() => {
  for (const end of leftovers.splice(0).toReversed()) end();
});

/** Starts a program in a group of its own and waits until it, or what it started, listens on as many ports. */
async function runNode(...args: string[]): Promise<number> {
  const wanted = args.some((arg) => arg.startsWith('--inspect')) ? 2 : 1;
  const child = spawn(process.execPath, args, { stdio: 'ignore', detached: true });
  const pid = child.pid ?? 0;
  leftovers.push(() => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The test has ended it.
    }
  });
  await once(child, 'spawn');
  const deadline = performance.now() + 10_000;
  while (listenersOf(familyOf(pid)).length < wanted) {
    if (performance.now() > deadline) throw new Error('nobody listens');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return pid;
}

const WITHIN_10_S = { timeout: 10_000, interval: 5 };
const TWO_PORTS =
  'const { WebSocketServer } = require("ws"); for (const host of ["127.0.0.1", "127.0.0.2"]) new WebSocketServer({ port: 0, host })';

/** Those who listen behind a process, once they are as many. */
function allOf(pid: number, count: number): readonly Listener[] | undefined {
  const listeners = listenersOf(familyOf(pid));
  return listeners.length === count ? listeners : undefined;
}

const lives = (pid: number): boolean => {
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
};

test('[K10] a process that runs already is found by its number, and left running', async () => {
  const pid = await runNode(fixture('ws-server.mjs'));
  const target = await openPidTarget(pid);
  expect(target).toMatchObject({ pids: [pid], pid, isOurs: false, failure: undefined });
  expect(target.label).toContain(`process ${pid} (`);
  expect(Number(target.url.port)).toBe(listenersOf([pid])[0]?.port);
  await target.end();
  expect(lives(pid)).toBe(true);
});

test('[K10] a wrapper is followed to what listens, a worker of a cluster to all its workers', async () => {
  const parent = await runNode(fixture('parent.mjs'));
  const behind = await openPidTarget(parent);
  expect(behind.pids).toHaveLength(1);
  expect(processRecord(behind.pid ?? 0)?.parentPid).toBe(parent);
  await behind.end();
  const primary = await runNode(fixture('clustered.mjs'));
  const whole = await openPidTarget(primary);
  expect(whole.pids).toHaveLength(2);
  const worker = await openPidTarget(whole.pids[1] ?? 0);
  expect(worker.pids).toEqual(whole.pids);
  await Promise.all([whole.end(), worker.end()]);
});

test('[K10] a process that ends while it is examined is seen', async () => {
  const pid = await runNode(fixture('ws-server.mjs'));
  const target = await openPidTarget(pid);
  process.kill(pid, 'SIGKILL');
  expect((await target.ended).message).toContain(`(process ${pid}) ended while it was examined`);
});

test('[K10] what cannot be examined is refused with the reason', async () => {
  await expect(openPidTarget(2 ** 22 - 1)).rejects.toThrow('there is no process');
  const deaf = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  leftovers.push(() => deaf.kill('SIGKILL'));
  await expect(openPidTarget(deaf.pid ?? 0)).rejects.toThrow('listen on no TCP port');
  const page = await runNode('-e', 'require("http").createServer((q, s) => s.end("page")).listen(0, "127.0.0.1")');
  await expect(openPidTarget(page, { path: '/chat' })).rejects.toThrow(
    /no WebSocket server answers at the path \/chat \(port \d+: it answered the upgrade request with HTTP 200\)/,
  );
});

test('[K10] of several servers behind a process none is taken by chance: all are named, and how one is chosen', async () => {
  const pid = await runNode(fixture('several-servers.mjs'), 'ws-server', 'ws-server');
  const listeners = await vi.waitUntil(() => allOf(pid, 2), WITHIN_10_S);
  const { message, failure } = await openPidTarget(pid).then(
    () => assert.fail('one of them was taken'),
    (error: unknown) => (error instanceof TargetError ? error : assert.fail(String(error))),
  );
  for (const { pid: server, port } of listeners)
    expect(message).toMatch(new RegExp(`process ${server} \\([^)]*ws-server\\.mjs\\) on port ${port}\\b`));
  expect(message).toMatch(/Give --pid with the number of the one that is meant, or --url with its port$/);
  expect(failure.kind).toBe('not-found');
  const [first, second] = listeners;
  expect((await openPidTarget(second?.pid ?? 0)).pids).toEqual([second?.pid]);
  const named = await openPidTarget(pid, { url: `ws://127.0.0.1:${first?.port}/` });
  expect(named.pids).toEqual([first?.pid]);
});

test('[K10] servers that take WebSockets at a path of their own, or of those who say who they are, are several too', async () => {
  const pid = await runNode(fixture('several-servers.mjs'), 'refuses', 'refuses');
  await vi.waitUntil(() => allOf(pid, 2), WITHIN_10_S);
  await expect(openPidTarget(pid)).rejects.toThrow('are 2 servers that take WebSockets');
  const pages = await runNode(fixture('several-servers.mjs'), 'ws-server:--elsewhere', 'ws-server:--elsewhere');
  await vi.waitUntil(() => allOf(pages, 2), WITHIN_10_S);
  const speaksElsewhere = (): Promise<boolean> => Promise.resolve(true);
  await expect(openPidTarget(pages, { speaksElsewhere })).rejects.toThrow('are 2 servers that take WebSockets');
});

test.each([
  ['a web server beside it', 2, [fixture('several-servers.mjs'), 'web-pages', 'ws-server'], /ws-server/],
  ['a second port of its own', 2, [fixture('ws-server.mjs'), '--web-page-first'], /ws-server/],
  ['a second port of its own for WebSockets', 2, ['-e', TWO_PORTS], /WebSocketServer/],
  ['a backend of its own', 2, [fixture('gateway.mjs')], /gateway\.mjs$/],
])('[K10] a server with %s is one server', async (_, ports, args, command) => {
  const pid = await runNode(...args);
  await vi.waitUntil(() => allOf(pid, ports), WITHIN_10_S);
  const { pids } = await openPidTarget(pid);
  expect(pids).toHaveLength(1);
  expect(commandLineOf(pids[0] ?? 0).join(' ')).toMatch(command);
});

test('[K11] an inspector that is open already is the way in, and its process the target', async () => {
  const pid = await runNode('--inspect=127.0.0.1:0', fixture('ws-server.mjs'));
  const ports = listenersOf([pid]).map((it) => it.port);
  const candidates = await Promise.allSettled(ports.map((port) => openInspectTarget(String(port))));
  const [target] = candidates.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  if (target === undefined) throw new Error(JSON.stringify(candidates));
  expect(target.pids).toEqual([pid]);
  expect(ports).toContain(Number(target.url.port));
  const opened = await openTargetInside(target);
  expect(opened.notes.join()).toContain('which was open before and is left open');
  await opened.close();
  expect(listenersOf([pid]).map((it) => it.port)).toEqual(ports);
  const [refused] = candidates.flatMap((it) => (it.status === 'rejected' ? [String(it.reason)] : []));
  expect(refused).toContain('what answers there is no inspector of Node');
});

test('[K11] an address that is not this machine’s alone is taken because it was typed, and said to be an open door', async () => {
  const pid = await runNode('--inspect=0.0.0.0:0', fixture('ws-server.mjs'));
  // In the order of the kernel's tables.
  const listeners = listenersOf([pid]);
  const inspector = listeners.find(({ isLoopback }) => !isLoopback);
  const server = listeners.find(({ isLoopback }) => isLoopback);
  const address = Object.values((await import('node:os')).networkInterfaces())
    .flat()
    .find((it) => it?.family === 'IPv4' && !it.internal)?.address;
  // A machine without a network has no such address.
  if (address === undefined || inspector === undefined || server === undefined) return;
  await expect(openInspectTarget(`${address}:${inspector.port}`)).rejects.toThrow('give --url as well');
  const target = await openInspectTarget(`${address}:${inspector.port}`, { url: `ws://127.0.0.1:${server.port}/` });
  expect(target.notes.join()).toContain('is an open door: whoever reaches that address can run any code in the target');
  const opened = await openTargetInside(target);
  expect(opened.view.pid).toBe(pid);
  await opened.close();
});

test.each([
  ['9229', { host: '127.0.0.1', port: 9229 }],
  ['box.local:1', { host: 'box.local', port: 1 }],
  ['[::1]:9229', { host: '::1', port: 9229 }],
  ['localhost', undefined],
  ['127.0.0.1:0', undefined],
  ['127.0.0.1:65536', undefined],
  ['ws://127.0.0.1:9229', undefined],
])('[K11] the address %s is read', (given, address) => {
  expect(parseInspectorAddress(given)).toEqual(address);
});

test('[K16] a URL beside a process must name the same server', async () => {
  const pid = await runNode(fixture('ws-server.mjs'));
  const other = await runNode(fixture('ws-server.mjs'));
  const [own, foreign] = [pid, other].map((it) => `ws://127.0.0.1:${listenersOf([it])[0]?.port}/`);
  expect((await openPidTarget(pid, { url: own })).pids).toEqual([pid]);
  await expect(openPidTarget(pid, { url: foreign })).rejects.toThrow(/--url \S+ and --pid name different servers/);
});
