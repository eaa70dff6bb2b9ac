import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TargetError } from './failure.ts';
import { isAlive, processRecord } from './proc.ts';
import { spawnTarget, type SpawnedTarget, type SpawnOptions } from './spawn.ts';
import type { TargetFailure } from './types.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
const SERVER = fixture('ws-server.mjs');
const node = (...args: string[]): string[] => [process.execPath, ...args];

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of leftovers.splice(0).toReversed()) await end();
});

async function started(command: string[], options: Partial<SpawnOptions> = {}): Promise<SpawnedTarget> {
  const target = await spawnTarget({ command, graceMs: 300, ...options });
  leftovers.push(() => target.end());
  return target;
}

async function failureOf(command: string[], options: Partial<SpawnOptions> = {}): Promise<TargetFailure> {
  try {
    await started(command, options);
  } catch (error) {
    if (error instanceof TargetError) return error.failure;
    throw error;
  }
  throw new Error('it started');
}

const lives = (pid: number | undefined): boolean => {
  const record = pid === undefined ? undefined : processRecord(pid);
  return record !== undefined && isAlive(record);
};

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function upgrades(url: URL): Promise<boolean> {
  const socket = new WebSocket(url);
  await once(socket, 'open');
  socket.terminate();
  return true;
}

describe('finding the address', () => {
  test.each([
    ['a server', [SERVER]],
    ['a server on all addresses', [SERVER, '--any-address']],
    ['a child of what was started', [fixture('parent.mjs')]],
    ['a child whose parent has left', [fixture('parent.mjs'), '--leave']],
    ['the second of two ports, when the first is a web page', [SERVER, '--web-page-first']],
    ['a cluster', [fixture('clustered.mjs')]],
  ])('[K1] finds %s', async (_what, args) => {
    const target = await started(node(...args));
    expect(target.url.hostname).toBe('127.0.0.1');
    expect(lives(target.pid)).toBe(true);
    expect(await upgrades(target.url)).toBe(true);
    expect(target.failure).toBeUndefined();
  });

  test('[K22] a server that listens for WebSockets seconds after a web page of its own does is found', async () => {
    const script = `require('http').createServer((q, s) => s.end('metrics')).listen(0, '127.0.0.1');
      setTimeout(() => import(${JSON.stringify(SERVER)}), 2500);`;
    const target = await started(node('-e', script), { timeoutMs: 20_000 });
    expect(await upgrades(target.url)).toBe(true);
  });

  test('[K1] the process that listens is the target, not the wrapper', async () => {
    const target = await started(node(fixture('parent.mjs')));
    expect(target.output()).toContain(`child ${target.pid}`);
  });

  test('[K2] the target’s arguments and output are its own', async () => {
    const target = await started(node(SERVER, 'a b', '$HOME'));
    await until(() => target.output() !== '');
    expect(target.output()).toBe(`listening on ws://127.0.0.1:${target.url.port} ["a b","$HOME"]`);
  });

  test('[K3] waits for the text it is told to wait for', async () => {
    const script = `import(${JSON.stringify(SERVER)}); setTimeout(() => console.log('now'), 150)`;
    const target = await started(node('-e', script), { waitFor: 'now' });
    expect(target.output()).toContain('now');
    const failure = await failureOf(node(SERVER), { waitFor: 'never said', timeoutMs: 200 });
    expect(failure).toMatchObject({ kind: 'never-listened' });
    expect(failure.message).toContain('did not show "never said" (--wait-for) within 200 ms');
  });

  test('[K3] a text that was printed counts, however much is printed behind it', async () => {
    const script = `import(${JSON.stringify(SERVER)}); console.log('re' + 'ady\\n' + 'x'.repeat(1024 * 1024))`;
    const target = await started(node('-e', script), { waitFor: 'ready', timeoutMs: 5_000 });
    expect(await upgrades(target.url)).toBe(true);
  });

  test('[K3] [K17] what is printed is understood wherever a piece of it ends', async () => {
    // Each byte comes alone, and so does each of a character. The server prints the script too: what is waited for must not stand in it.
    const script = `import(${JSON.stringify(SERVER)});
      const all = Buffer.from('(node:1) Warning: zu groß\\n✓ ' + 'bereit\\n');
      let at = 0;
      const timer = setInterval(() => at < all.length ? process.stderr.write(all.subarray(at, at += 1)) : clearInterval(timer), 4);`;
    const target = await started(node('-e', script), { waitFor: '✓ bereit' });
    expect(target.complaints()).toMatchObject([{ name: 'Warning', firstText: 'zu groß' }]);
  });
});

describe('failures', () => {
  test('[K4] a command that does not exist', async () => {
    expect(await failureOf(['no-such-command-here'])).toEqual({
      kind: 'not-found',
      message: '"no-such-command-here" cannot be started: there is no such command',
    });
  });

  test.each([
    [['node server.js --port 1'], 'words of their own, without quotes around them all: -- node server.js --port 1'],
    [['PORT=3000', 'node', 'server.js'], 'Variables are set by env, such as: -- env PORT=3000 node …'],
    [['PORT=3000 node server.js'], "no shell reads it; one does with: -- sh -c '…'"],
    [['cd', '/app', '&&', 'node', 'server.js'], "no shell reads it; one does with: -- sh -c '…'"],
    [[fileURLToPath(import.meta.url)], 'it may not be executed (EACCES). A script is started by its program, such as:'],
  ])('[K21] %j cannot be started, and it is said what would be', async (command, hint) => {
    const failure = await failureOf(command);
    expect(failure.kind).toBe('not-found');
    expect(failure.message).toContain(hint);
  });

  test('[K21] a command that ends with its input is told of an input that stays', async () => {
    const failure = await failureOf(node('-e', 'process.stdin.resume()'));
    expect(failure).toMatchObject({ kind: 'exited', exitCode: 0 });
    expect(failure.message).toContain("-- sh -c 'tail -f /dev/null | …'");
  });

  test('[K21] a server behind TLS is told how it is examined', async () => {
    const pem = JSON.stringify(fixture('self-signed.pem'));
    const script = `const pem = require("fs").readFileSync(${pem}); require("https").createServer({ key: pem, cert: pem }).listen(0, "127.0.0.1")`;
    const failure = await failureOf(node('-e', script), { timeoutMs: 5_000 });
    expect(failure.kind).toBe('not-websocket');
    expect(failure.message).toMatch(/It speaks TLS: give --url wss:\/\/127\.0\.0\.1:\d+\/ while it runs, with --ca/);
  });

  test('[K21] where a server sends on to is told, and that another path may be meant', async () => {
    const script =
      'require("http").createServer((q, s) => s.writeHead(302, { location: "/live" }).end()).listen(0, "127.0.0.1")';
    const { message } = await failureOf(node('-e', script), { timeoutMs: 2_000 });
    expect(message).toMatch(/HTTP 302, sent on to \/live\)\. Is it at another --path, or opened later than that/);
  });

  test('[K4] a command that exits at once', async () => {
    const failure = await failureOf(node('-e', 'console.error("no config"); process.exit(7)'));
    expect(failure).toMatchObject({ kind: 'exited', exitCode: 7, output: 'no config' });
    expect(failure.message).toContain('ended with exit code 7 before it listened on a port');
  });

  test('[K4] a command that never listens', async () => {
    const failure = await failureOf(node('-e', 'setInterval(() => {}, 1000)'), { timeoutMs: 300 });
    expect(failure.kind).toBe('never-listened');
    expect(failure.message).toContain('listened on no TCP port within 300 ms');
  });

  test('[K4] a command whose port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    leftovers.push(() => taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const failure = await failureOf(node('-e', `require('http').createServer().listen(${port}, '127.0.0.1')`));
    expect(failure.kind).toBe('port-taken');
    expect(failure.message).toContain(`could not listen on 127.0.0.1:${port}`);
  });

  test('[K4] a web server that takes no WebSockets', async () => {
    const script = 'require("http").createServer((q, s) => s.end("page")).listen(0, "127.0.0.1")';
    const failure = await failureOf(node('-e', script), { timeoutMs: 2_000 });
    expect(failure.kind).toBe('not-websocket');
    expect(failure.message).toMatch(/port \d+: it answered the upgrade request with HTTP 200/);
  });

  test('[K5] a target that crashes in the middle is seen, with its last words', async () => {
    const target = await started(node(SERVER, '--crash-on-connection'));
    const socket = new WebSocket(target.url);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.send('x');
    const failure = await target.ended;
    expect(failure).toMatchObject({ kind: 'crashed', exitCode: 1 });
    expect(failure.output).toContain('boom in the middle');
    expect(target.failure).toBe(failure);
  });
});

describe('ending', () => {
  test('[K6] ends the whole group, also a grandchild that ignores SIGTERM', async () => {
    const target = await started(node(fixture('parent.mjs'), '--ignore-sigterm'));
    const steps: string[] = [];
    target.beforeEnd(() => {
      steps.push(lives(target.pid) ? 'before' : 'after');
      return Promise.resolve();
    });
    const sinceMs = performance.now();
    await Promise.all([target.end(), target.end()]);
    expect(lives(target.pid)).toBe(false);
    expect(steps).toEqual(['before']);
    expect(performance.now() - sinceMs).toBeGreaterThan(290);
    expect(target.failure).toBeUndefined();
  });

  test('[K6] a target that heeds SIGTERM is not kept waiting for the grace', async () => {
    const target = await started(node(SERVER), { graceMs: 60_000 });
    const sinceMs = performance.now();
    await target.end();
    expect(performance.now() - sinceMs).toBeLessThan(30_000);
    expect(lives(target.pid)).toBe(false);
  });

  test('[K6] ends nothing that it did not start', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    leftovers.push(() => stranger.kill('SIGKILL'));
    const target = await started(node(SERVER));
    await target.end();
    expect(lives(stranger.pid)).toBe(true);
  });

  test.each(['exit', 'crash', 'SIGINT', 'SIGTERM', 'SIGKILL'])(
    '[K7] no target outlives a tool that ends by %s',
    async (how) => {
      const tool = spawn(process.execPath, [fixture('tool.mjs'), SERVER, how], { stdio: ['ignore', 'pipe', 'ignore'] });
      leftovers.push(() => tool.kill('SIGKILL'));
      const [said] = (await once(tool.stdout, 'data')) as [Buffer];
      const pid = Number(/target (\d+)/.exec(said.toString())?.[1]);
      expect(pid).toBeGreaterThan(0);
      const exited = tool.exitCode === null ? once(tool, 'exit') : Promise.resolve();
      if (how.startsWith('SIG')) tool.kill(how as NodeJS.Signals);
      await exited;
      await until(() => !lives(pid));
    },
  );

  test('[K7] the guardian leaves with the target', async () => {
    const target = await started(node(SERVER));
    const guardians = (): string => execFileSync('ps', ['-eo', 'ppid,args'], { encoding: 'utf8' });
    const mine = (): boolean =>
      guardians()
        .split('\n')
        .some((line) => line.includes('watertight-guardian') && line.trim().startsWith(`${process.pid} `));
    expect(mine()).toBe(true);
    await target.end();
    await until(() => !mine());
  });
});
