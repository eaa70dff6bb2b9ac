import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { everyScenario } from '../src/scenarios/catalogue.ts';
import { situations } from '../src/scenarios/situations.ts';
import { isGone, runCli, startCli, type Running } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/server.mjs', import.meta.url));
const STRESS = ['--only', 'rapid-connection-cycles-stress'];
const serverCommand = (...habit: string[]): string[] => ['--', process.execPath, SERVER, ...habit];

let folder = '';
let env: NodeJS.ProcessEnv = {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watertight-cli-'));
  env = { PID_FILE: join(folder, 'pid') };
});
/** Whatever a test was about: no child may be left behind. */
afterEach(async () => {
  const pid = existsSync(join(folder, 'pid')) ? Number(readFileSync(join(folder, 'pid'), 'utf8')) : undefined;
  rmSync(folder, { recursive: true });
  if (pid === undefined) return;
  const gone = await isGone(pid);
  if (!gone) process.kill(pid, 'SIGKILL');
  expect(gone, `the target ${pid} is gone`).toBe(true);
});

const check = (...args: string[]) => runCli(['check', ...args], { cwd: folder, env });

describe('usage', () => {
  // One of each road; `settings.test.ts` and `identity.test.ts` have every wrong value.
  it.each([
    [['--limt', '3'], /unknown option '--limt'/],
    [['--limit', '0'], /--limit is 0; expected a whole number from 1 to 10000 managers per user/],
    [['--json', '/dev/null/x.json'], /--json: \/dev\/null cannot be made/],
    [['--report-md', '/'], /--report-md: \/ is a folder; expected a file/],
  ])('[C2] [C16] [C20] wrong input %# ends with 2 and starts nothing', async (args, message) => {
    const ended = await check(...args, ...serverCommand('plain'));
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(existsSync(join(folder, 'pid'))).toBe(false);
  });

  it('[C16] a user id that is no UTF-8, and one of 10 MB in the config, are refused', async () => {
    // Node cannot pass bytes that are no UTF-8 to a child, a shell can.
    const script = `exec "$0" "$@" --user "$(printf 'a\\377')"{n} -- node x`;
    const bytes = await runCli(['check'], { cwd: folder, env, nodeCommand: ['sh', '-c', script, process.execPath] });
    expect(bytes).toMatchObject({ code: 2, stderr: 'watertight: --user is not valid UTF-8\n' });
    writeFileSync(join(folder, 'watertight.config.json'), JSON.stringify({ user: 'u'.repeat(10 * 1024 * 1024) }));
    const long = await check(...serverCommand('plain'));
    expect(long.code).toBe(2);
    expect(long.stderr).toContain('user is 10485760 bytes long; at most 1024 bytes');
    expect(long.stderr.length).toBeLessThan(1_000);
  });

  it('[C10] an open-files limit that is too low is refused with the number that is needed', async () => {
    const nodeCommand = ['sh', '-c', 'ulimit -n 240; exec "$0" "$@"', process.execPath];
    const args = ['check', '--limit', '200', '--only', 'manager-creation-limit-enforcement', ...serverCommand('plain')];
    const ended = await runCli(args, { cwd: folder, env, nodeCommand });
    expect(ended.stderr).toMatch(
      /the open-files limit is 240; \d+ sockets at once need \d+ here\. Raise it with `ulimit -n \d+`/,
    );
    expect(ended.code).toBe(2);
  });
});

it('[C19] list explains every scenario: its name, its purpose, each step, and which are those of production', async () => {
  const { stdout, code } = await runCli(['list'], { cwd: folder, env });
  const entries = stdout.trim().split('\n\n');
  expect(entries.map((entry) => entry.split('\n')[0])).toEqual(everyScenario.map(({ name }) => name));
  for (const [index, { purpose, aliases, steps }] of everyScenario.entries()) {
    const lines = (entries[index] ?? '').split('\n').map((line) => line.trim());
    expect(lines[1]).toBe(purpose);
    if (aliases.length > 0) expect(lines).toContain(`also: ${aliases.join(', ')}`);
    expect(steps.length).toBeGreaterThan(0);
    expect(lines.slice(-2 * steps.length)).toEqual(steps.flatMap(({ id, title }) => [id, title]));
  }
  const ofProduction = entries.filter((entry) => entry.includes('\n  suite: production ('));
  expect(ofProduction.map((entry) => entry.split('\n')[0])).toEqual(situations.map(({ name }) => name));
  expect(ofProduction).toHaveLength(12);
  expect(code).toBe(0);
});

describe('a target that cannot be examined', () => {
  it.each([
    ['does not exist', ['--', '/nowhere/server-of-mine'], /server-of-mine/],
    ['exits at once', serverCommand('exits'), /7[\s\S]*DATABASE_URL is missing \\u\{1b\}/],
    ['answers HTTP only', serverCommand('http'), /WebSocket/],
  ])('[C13] a command that %s', async (_, args, message) => {
    const ended = await check(...args);
    expect(ended.stdout + ended.stderr).toMatch(message);
    expect(ended.stdout).toMatch(/inconclusive: .*exit code 3\n$/);
    expect(ended).toMatchObject({ code: 3, signal: null });
  });

  it('[C13] a command that never listens', async () => {
    // On a busy machine a server may not have begun to speak when the first is over.
    for (const timeoutMs of [1_500, 10_000]) {
      const ended = await check('--timeout', String(timeoutMs), ...serverCommand('never-listens'));
      expect(ended.stdout).toMatch(/inconclusive: .*exit code 3\n$/);
      expect(ended).toMatchObject({ code: 3, signal: null });
      if ((ended.stdout + ended.stderr).includes('still loading the model')) return;
    }
    throw new Error('what the command said is not told');
  });

  it('[C13] a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const ended = await check(...serverCommand('takes', String(port)));
      expect(ended.stdout).toContain(String(port));
      expect(ended.stdout).toMatch(/taken|in use|EADDRINUSE/);
      expect(ended.code).toBe(3);
    } finally {
      other.close();
    }
  });

  it('[C13] a URL where nobody listens, and one where nobody speaks WebSocket', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      socket.end('220 mail.example.test ESMTP\r\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const mail = await check('--url', `ws://127.0.0.1:${port}/`);
    expect(mail).toMatchObject({ code: 3 });
    expect(mail.stdout).toContain(`ws://127.0.0.1:${port}/`);
    await new Promise((resolve) => server.close(resolve));
    const nobody = await check('--url', `ws://127.0.0.1:${port}/`);
    expect(nobody).toMatchObject({ code: 3 });
    expect(nobody.stdout).toContain(`ws://127.0.0.1:${port}/`);
  });

  it.each([
    ['refuse', /HTTP 401/],
    ['refuse-after-accept', /4401.*who are you \\u\{1b\}\[2J/],
    ['refuse-with-words', /HTTP 400 instead of 101 \("the subprotocol chat is needed"\)\. Is it at another path/],
    ['refuse-later', /refused every client, users 2 of 2: close code 4401 \(unknown token\)/],
  ])('[C15] a server that refuses everyone: %s', async (habit, answer) => {
    const ended = await check('--limit', '20', ...serverCommand(habit));
    expect(ended.stdout).toMatch(answer);
    expect(ended.stdout).not.toContain('limit-undershoot');
    expect(ended.code).toBe(3);
  });

  it('[C15] a recipe that goes past its wire is told to connect to life.url, and convicts nobody', async () => {
    const recipe = `import { connect } from 'node:net';
      import { once } from 'node:events';
      export default { name: 'past-the-wire', async live(life) {
        const [host, port] = life.headers.host.split(':');
        await once(connect(Number(port), host).unref(), 'connect');
      } };`;
    writeFileSync(join(folder, 'past-the-wire.mjs'), recipe);
    const ended = await check('--recipe', './past-the-wire.mjs', ...STRESS, ...serverCommand('plain'));
    expect(ended.stdout).toContain('the recipe opened no connection over its wire: it has to connect to life.url');
    expect(ended.code).toBe(3);
  });

  it('[C14] a crash in the middle is reported with the last output', async () => {
    const ended = await check(...STRESS, ...serverCommand('crashes-after', '10'));
    expect(ended.stdout).toContain('Error: connection 11 was too much');
    expect(ended.stdout).toMatch(/exit code 3\n$/);
    expect(ended.code).toBe(3);
  });

  it('[C14] of an error event without a listener it is said where one belongs', async () => {
    const ended = await check(...STRESS, ...serverCommand('hears-no-error'));
    expect(ended.stdout).toContain("Unhandled 'error' event");
    expect(ended.stdout).toMatch(/What to do next\n +1\. Listen for 'error' on every WebSocket/);
    expect(ended.code).toBe(3);
  });

  it('[C14] a violation seen before a crash still counts', async () => {
    const args = ['--limit', '3', '--only', 'manager-creation-limit-enforcement', ...STRESS];
    const ended = await check(...args, ...serverCommand('crashes-after', '80'));
    expect(ended.stdout).toContain('limit-not-enforced');
    expect(ended.stdout).toContain('was too much');
    expect(ended.code).toBe(1);
  });
});

describe('the end of a run', () => {
  const LONG = [...STRESS, '--cycles', '100000'];
  const driving = async (...args: string[]): Promise<Running> => {
    const running = startCli(['check', ...LONG, '--timeout', '60000', ...args], {
      cwd: folder,
      env,
      deadlineMs: 20_000,
    });
    await running.shows('rapid-connection-cycles-stress › ');
    return running;
  };

  it.each(['SIGINT', 'SIGTERM'] as const)('[C11] %s gives a partial verdict and ends the target', async (signal) => {
    const running = await driving(...serverCommand('plain'));
    running.child.kill(signal);
    const sentAtMs = performance.now();
    // npm passes on what the terminal has sent to everybody already; what comes later than that is a second wish.
    setTimeout(() => {
      if (performance.now() - sentAtMs < 200) running.child.kill(signal);
    }, 20);
    const ended = await running.ended;
    expect(ended.stdout).toContain(`interrupted by ${signal}`);
    expect(ended.stdout).toMatch(/inconclusive: .*exit code 3\n$/);
    expect(ended).toMatchObject({ code: 3, signal: null });
  });

  it('[C11] a second SIGINT ends at once, and the target with it, even one that does not want to', async () => {
    const running = await driving(...serverCommand('stubborn'));
    running.child.kill('SIGINT');
    const nag = setInterval(() => running.child.kill('SIGINT'), 350);
    const ended = await running.ended;
    clearInterval(nag);
    expect(ended).toMatchObject({ code: 130, stdout: '' });
  });

  it('[C12] --timeout gives a partial verdict', async () => {
    const args = ['check', ...LONG, '--timeout', '2000', ...serverCommand('plain')];
    const ended = await runCli(args, { cwd: folder, env, deadlineMs: 40_000 });
    expect(ended.stdout).toContain('out of time: 2000 ms (--timeout) have passed');
    expect(ended.code).toBe(3);
    // The cycles would take minutes; to begin and to end takes its time where others compute.
    expect(ended.elapsedMs).toBeLessThan(30_000);
  });

  it('[C18] --bail stops at the first violation', async () => {
    const args = [
      '--limit',
      '3',
      '--bail',
      '--only',
      'manager-creation-limit-enforcement',
      ...STRESS,
      '--json',
      'out/result.json',
    ];
    const ended = await check(...args, ...serverCommand('plain'));
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('stopped at the first violation (--bail)');
    const result: unknown = JSON.parse(readFileSync(join(folder, 'out', 'result.json'), 'utf8'));
    expect(result).toMatchObject({ format: 1, verdict: 'violation', exitCode: 1, stopped: null });
  });
});

describe('the reports', () => {
  it('[C20] [C10] are written whole into folders that are made, and the run says beforehand what it takes', async () => {
    const args = [
      '--limit',
      '3',
      '--only',
      'websocket-manager-creation-limit-enforcement',
      '--report-dir',
      'a/b',
      '--report-md',
      'c/r.md',
    ];
    const ended = await check(...args, ...serverCommand('plain'));
    expect(ended.stderr).toMatch(
      /watertight: 1 scenario against .* at ws:\/\/127\.0\.0\.1:\d+\/; at most \d+ sockets, about \d+ s\n/,
    );
    expect(readFileSync(join(folder, 'c', 'r.md'), 'utf8')).toBe(
      readFileSync(join(folder, 'a', 'b', 'report.md'), 'utf8'),
    );
    expect(readFileSync(join(folder, 'a', 'b', 'result.json'), 'utf8')).toContain('"limit-not-enforced"');
    expect(ended.code).toBe(1);
  });

  it('[C5] a promise nobody made is never passed', async () => {
    const ended = await check('--only', 'manager-creation-limit-enforcement', ...serverCommand('plain'));
    expect(ended.stdout).toMatch(/manager-creation-limit-enforcement +not promised/);
    expect(ended.stdout).toContain('Say what the server promises, so that it can be held to it: --limit <count>');
    expect(ended.code).toBe(3);
  });
});
