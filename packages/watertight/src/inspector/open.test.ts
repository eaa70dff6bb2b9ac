import { isDeepStrictEqual } from 'node:util';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { listenersOf } from '../target/listening.ts';
import { isAlive, processRecord } from '../target/proc.ts';
import { spawnTarget } from '../target/spawn.ts';
import { openInsideView } from './open.ts';
import type { InsideView } from './types.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

interface Process {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Everything it printed. */
  output(): string;
  tell(command: string): Promise<string>;
}

/** Starts a program and waits for its first line. */
async function run(file: string, ...args: string[]): Promise<Process> {
  const child = spawn(file, args, { stdio: 'pipe' });
  leftovers.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    child,
    output: () => output,
    tell: async (command) => {
      child.stdin.write(`${command}\n`);
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      return line.toString().trim();
    },
  };
}

const runNode = (...args: string[]): Promise<Process> => run(process.execPath, '--inspect-port=0', ...args);

async function viewOf(pid: number, options?: { timeoutMs: number }): Promise<InsideView> {
  const view = await openInsideView(pid, options);
  leftovers.push(() => view.close());
  return view;
}

const lives = (pid: number): boolean => {
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
};

const ports = (pid: number): number => listenersOf([pid]).length;

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('[I1] opens an inspector by signal, and closes what it opened', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const portsBefore = ports(node.pid);
  for (let round = 0; round < 3; round += 1) {
    const view = await viewOf(node.pid);
    expect(view.pid).toBe(node.pid);
    expect(ports(node.pid)).toBe(portsBefore + 1);
    await Promise.all([view.close(), view.close()]);
    await until(() => ports(node.pid) === portsBefore);
  }
  expect(lives(node.pid)).toBe(true);
  expect(node.output().trim()).toBe('ready');
});

test('[I1] a target with an open view ends at once when the view is closed before', async () => {
  const target = await spawnTarget({ command: [process.execPath, fixture('ws-server.mjs')], graceMs: 60_000 });
  leftovers.push(() => target.end());
  const view = await openInsideView(target.pid ?? 0);
  target.beforeEnd(() => view.close());
  expect(listenersOf([target.pid ?? 0]).map((it) => it.port)).toContain(target.inspectPort);
  const sinceMs = performance.now();
  await target.end();
  expect(performance.now() - sinceMs).toBeLessThan(30_000);
});

test('[I2] an inspector that is open already is used and left open', async () => {
  const early = await run(process.execPath, '--inspect=127.0.0.1:0', fixture('factory-server.mjs'));
  const late = await runNode(fixture('factory-server.mjs'));
  process.kill(late.pid, 'SIGUSR1');
  await until(() => ports(late.pid) === 2);
  for (const node of [early, late]) {
    const view = await viewOf(node.pid, { timeoutMs: 300 });
    expect((await view.memory()).heapUsedBytes).toBeGreaterThan(0);
    await view.close();
    expect(ports(node.pid)).toBe(2);
  }
});

test('[I3] a process that would die of the signal is left alone, and why is said', async () => {
  const shell = await run('/bin/sh', '-c', 'echo ready; read -r word');
  await expect(openInsideView(shell.pid)).rejects.toThrow(/runs \w+, not Node/);
  expect(lives(shell.pid)).toBe(true);
  await expect(openInsideView(2 ** 30)).rejects.toThrow('there is no process');
});

test('[I3] a process with a handler of its own is told apart, and lives', async () => {
  const node = await runNode(fixture('ws-server.mjs'), '--own-sigusr1');
  await expect(openInsideView(node.pid, { timeoutMs: 200 })).rejects.toThrow('it handles the signal itself');
  expect(lives(node.pid)).toBe(true);
});

test('[I3] an inspector port that is taken is told, and the process lives', async () => {
  const holder = await run(process.execPath, '--inspect=127.0.0.1:0', fixture('factory-server.mjs'));
  const taken = listenersOf([holder.pid]).map((it) => it.port);
  const node = await run(process.execPath, `--inspect-port=127.0.0.1:${taken[0]}`, fixture('factory-server.mjs'));
  await expect(openInsideView(node.pid, { timeoutMs: 200 })).rejects.toThrow('its inspector port is taken');
  expect(lives(node.pid)).toBe(true);
});

test('[I4] a target that dies makes every call fail, and close returns', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const view = await viewOf(node.pid);
  const asked = view.factory?.closeAllForUser('u');
  const exited = once(node.child, 'exit');
  node.child.kill('SIGKILL');
  await asked?.catch(() => undefined);
  await exited;
  await expect(view.handles()).rejects.toThrow(/inspector/);
  await view.close();
});

test('[I5] counts instances exactly, runs no getter and no trap, and does not count itself', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const view = await viewOf(node.pid);
  // What Node itself has just let go of may still be counted once; what counted itself would grow with every look.
  let before = await view.instances();
  let again = await view.instances();
  for (let look = 0; look < 5 && !isDeepStrictEqual(again, before); look += 1) {
    before = again;
    again = await view.instances();
  }
  expect(again).toEqual(before);
  expect(before['Trapped']).toBeUndefined();
  const kept = before['Kept'] ?? 0;
  expect(await node.tell('keep 7')).toBe('keep done, 0 traps');
  expect((await view.instances())['Kept']).toBe(kept + 7);
  expect(await node.tell('keep 0')).toBe('keep done, 0 traps');
});

test('[I6] sees handles, listeners of the process and memory, and leaves nothing of its own among them', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const view = await viewOf(node.pid);
  const before = await view.handles();
  expect(before['Immediate']).toBeUndefined();
  expect(before['TCPServerWrap']).toBe(1);
  await node.tell('timer');
  const after = await view.handles();
  expect(after).toEqual({ ...before, Timeout: (before['Timeout'] ?? 0) + 1 });
  expect(await view.processListeners()).toEqual(await view.processListeners());
  expect((await view.memory()).rssBytes).toBeGreaterThan(1_000_000);
});

test('[I7] the longest delay of the event loop since the last call', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const view = await viewOf(node.pid);
  await view.loopDelayMs();
  await node.tell('block 150');
  const delayMs = await view.loopDelayMs();
  expect(delayMs).toBeGreaterThan(100);
  expect(await view.loopDelayMs()).toBeLessThan(delayMs);
});

test('[I8] asks the first open factory through its public interface', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const { factory } = await viewOf(node.pid);
  if (!factory) throw new Error('no factory');
  expect(factory.options).toMatchObject({ name: 'specimen', maxManagersPerUser: 3 });
  const admitted = await Promise.all([1, 2, 3].map(() => factory.admitUnattached('u')));
  expect(admitted.every((it) => 'id' in it)).toBe(true);
  expect(await factory.admitUnattached('u')).toEqual({ refused: 'user-limit' });
  expect(await factory.usage('u')).toMatchObject({ user: 'u', held: 3 });
  expect(await factory.stats()).toMatchObject({ created: 3, limitHits: 1 });
  expect(await factory.runEmergencyCleanup('u')).toMatchObject({ removed: 0 });
  const hung = await factory.hangFinalizer('u');
  const reports = await factory.closeAllForUser('u', 'test');
  expect(reports.find((it) => it.managerId === hung)?.overdue).toHaveLength(1);
  await factory.startCloseAllForUser('nobody');
  await expect(factory.hangFinalizer('nobody')).rejects.toThrow('user nobody holds no manager');
  await node.tell('close');
  await expect(factory.stats()).rejects.toThrow('no open factory any more');
});

test('[I21] finalizers put into a manager are seen to start, end and be told to stop, and events are heard', async () => {
  const node = await runNode(fixture('factory-server.mjs'));
  const { factory } = await viewOf(node.pid);
  if (!factory) throw new Error('no factory');
  const hearing = await factory.hear(['watertight:manager:released', 'watertight:error']);
  await factory.admitUnattached('u');
  const plans = [
    { name: 'hung', takesMs: null },
    { name: 'slow', takesMs: 5 },
    { name: 'quick', takesMs: 0 },
  ];
  const { report, state, signalMs, workedMs, finalizers } = await factory.endWithFinalizers('u', 'test', plans, 5);
  expect(state).toBe('closed');
  expect(report).toMatchObject({ reason: 'test', finalizersRun: 3, overdue: [{ name: 'hung' }] });
  const [hung, slow, quick] = finalizers;
  const order = [workedMs, signalMs, quick?.startedMs, quick?.endedMs, slow?.startedMs, slow?.endedMs, hung?.startedMs];
  expect(order).toEqual(order.toSorted((one, other) => (one ?? Infinity) - (other ?? Infinity)));
  expect(order).not.toContain(null);
  expect(hung?.endedMs).toBeNull();
  expect(hung?.abortedMs).toBeGreaterThan(hung?.startedMs ?? Infinity);
  const heard = await hearing.heard();
  expect(heard.map(({ channel }) => channel).toSorted()).toEqual(['watertight:error', 'watertight:manager:released']);
  expect(heard.find(({ report: told }) => told !== undefined)?.report).toMatchObject({ user: 'u', reason: 'test' });
  await hearing.stop();
  await factory.admitUnattached('v');
  await factory.admitUnattached('v');
  const twice = await factory.closeTwice('v', 'test');
  expect(twice).toMatchObject({ held: 0, closing: 2 });
  expect([twice.first.length, twice.second.length]).toEqual([2, 2]);
  expect(await hearing.heard()).toHaveLength(2);
});

test('[I8] a target without a factory has none', async () => {
  const node = await runNode(fixture('factory-server.mjs'), '--no-factory');
  expect((await viewOf(node.pid)).factory).toBeUndefined();
});
