import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { openTargetInside } from '../inspector/open-target.ts';
import { pidListeningOn } from './listening.ts';
import { commandLineOf, isAlive, processRecord, startEnvironmentOf } from './proc.ts';
import { spawnTarget, type SpawnedTarget, type SpawnOptions } from './spawn.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const require = createRequire(import.meta.url);
const TSX = join(dirname(require.resolve('tsx/package.json')), 'dist', 'cli.mjs');
const NODEMON = join(dirname(require.resolve('nodemon/package.json')), 'bin', 'nodemon.js');

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

async function started(command: string[], options: Partial<SpawnOptions> = {}): Promise<SpawnedTarget> {
  const target = await spawnTarget({ command, graceMs: 500, timeoutMs: 15_000, ...options });
  leftovers.push(() => target.end());
  return target;
}

/** A folder with a package whose start script runs a server, as everybody has one. */
function packageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'watertight-package-'));
  leftovers.push(() => rmSync(folder, { recursive: true }));
  const scripts = { start: `node ${fixture('ws-server.mjs')}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a-server', version: '1.0.0', scripts }));
  return folder;
}

const lives = (pid: number): boolean => {
  const record = processRecord(pid);
  return record !== undefined && isAlive(record);
};

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The whole road: found, served, opened from inside, closed, ended. */
async function examine(target: SpawnedTarget, script: string): Promise<void> {
  expect(target.pids).toHaveLength(1);
  const pid = target.pid ?? 0;
  expect(commandLineOf(pid).some((word) => word.endsWith(script))).toBe(true);
  const opened = await openTargetInside(target);
  leftovers.push(() => opened.close());
  expect(opened.view.pid).toBe(pid);
  expect((await opened.view.handles())['TCPServerWrap']).toBe(1);
  expect((await opened.close()).join()).toContain(`closed the inspector of process ${pid}`);
  expect(target.failure).toBeUndefined();
  await target.end();
  expect(lives(pid)).toBe(false);
}

describe('a server behind a parent is followed to the process that listens', () => {
  test('[K12] npm start', async () => {
    await examine(await started(['npm', 'start'], { cwd: packageFolder() }), 'ws-server.mjs');
  });

  test('[K12] tsx', async () => {
    await examine(await started([process.execPath, TSX, fixture('typed-server.mts')]), 'typed-server.mts');
  });

  test('[K12] nodemon', async () => {
    const command = [process.execPath, NODEMON, '--quiet', fixture('ws-server.mjs')];
    await examine(await started(command, { cwd: packageFolder() }), 'ws-server.mjs');
  });

  test('[K12] a process manager that gives its server a group of its own: that is ended as well', async () => {
    const target = await started([process.execPath, fixture('process-manager.mjs'), '--ignore-sigterm']);
    expect(processRecord(target.pid ?? 0)?.groupId).toBe(target.pid);
    await examine(target, '--ignore-sigterm');
  });
});

describe('a server in front of another', () => {
  test('[K18] is the one that was started, although what it starts listens first', async () => {
    const target = await started([process.execPath, fixture('gateway.mjs')]);
    expect(target.pids).toHaveLength(1);
    expect(commandLineOf(target.pid ?? 0)).not.toContain('--backend');
    expect(pidListeningOn(Number(target.url.port))).toBe(target.pid);
  });
});

describe('a cluster', () => {
  test('[K13] all its workers are examined, each through an inspector of its own, and not the primary', async () => {
    const target = await started([process.execPath, fixture('clustered.mjs')]);
    expect(target.pids).toHaveLength(2);
    for (const pid of target.pids) expect(startEnvironmentOf(pid, 'NODE_UNIQUE_ID')).toBeDefined();
    expect(target.notes.join()).toMatch(
      /is the primary of a node:cluster .* processes \d+, \d+ are examined, the primary is not/,
    );
    const opened = await openTargetInside(target);
    leftovers.push(() => opened.close());
    expect(opened.notes).toHaveLength(2);
    const sockets = [1, 2, 3, 4].map(() => new WebSocket(target.url));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    // Each worker holds a share of them: only the sum says how many there are.
    expect((await opened.view.instances())['WebSocket']).toBe(4);
    const heap = await opened.view.examineHeap();
    const rows = (await heap.look({ classes: true, collections: true })).classes.filter(
      ({ name }) => name === 'WebSocket',
    );
    expect(rows).toMatchObject([{ count: 4 }]);
    expect((await heap.positionOf(rows[0]?.id ?? 0))?.url).toMatch(/ws\/lib\/websocket\.js$/);
    await heap.close();
    for (const socket of sockets) socket.terminate();
    expect(await opened.close()).toHaveLength(2);
  });
});

describe('what a command inherits from us', () => {
  const node = (...args: string[]): string[] => [process.execPath, ...args];

  test('[K14] a child of the target that opens an inspector of its own does not meet ours', async () => {
    const target = await started(node(fixture('opens-inspector.mjs')));
    expect(startEnvironmentOf(target.pid ?? 0, 'NODE_OPTIONS')).toContain(
      `--inspect-port=127.0.0.1:${target.inspectPort}`,
    );
    const opened = await openTargetInside(target);
    leftovers.push(() => opened.close());
    const socket = new WebSocket(target.url);
    await once(socket, 'open');
    socket.send('start a child');
    const [said] = (await once(socket, 'message')) as [Buffer];
    socket.terminate();
    const { options, code } = JSON.parse(said.toString()) as { code: number; options: string | null };
    expect(options ?? '').not.toContain('--inspect');
    // 12: its port is taken. Nobody else's 9229 is ours to free.
    expect([0, 12]).toContain(code);
    if (code === 12) expect(target.inspectPort).not.toBe(9229);
  });

  test('[K14] an inspector that the target opens itself is used where it is, and left open', async () => {
    const target = await started(node(fixture('opens-inspector.mjs'), '--own'));
    const opened = await openTargetInside(target);
    expect(opened.notes.join()).toContain('which was open before and is left open');
    expect(await opened.close()).toEqual([]);
    const again = await openTargetInside(target);
    expect(again.notes).toEqual(opened.notes);
    await again.close();
  });

  test.each([
    ['in the command', node('--inspect=127.0.0.1:0', fixture('ws-server.mjs')), process.env],
    ['in NODE_OPTIONS', node(fixture('ws-server.mjs')), { ...process.env, NODE_OPTIONS: '--inspect=127.0.0.1:0' }],
  ])('[K14] what the user says about inspectors %s stays as it is', async (_where, command, env) => {
    const target = await started(command, { env });
    expect(startEnvironmentOf(target.pid ?? 0, 'NODE_OPTIONS')).toBe(env['NODE_OPTIONS']);
    await until(() => target.output().includes('Debugger listening on ws://127.0.0.1:'));
    const opened = await openTargetInside(target);
    expect(opened.notes.join()).toContain('was open before');
    await opened.close();
  });

  test('[K15] a command that waits for a debugger is told as such', async () => {
    await expect(
      started(node('--inspect-brk=127.0.0.1:0', fixture('ws-server.mjs')), { timeoutMs: 500 }),
    ).rejects.toThrow(/waits for a debugger and so did not listen within 500 ms: leave out --inspect-brk/);
  });

  test('[K15] a command that leaves a daemon behind is told how that is examined', async () => {
    await expect(started(node('-e', ''))).rejects.toThrow(
      'before it listened on a port. If it left a server running in the background, name that one with --pid or --url',
    );
  });
});
