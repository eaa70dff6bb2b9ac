import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { systemPart } from '../../../scripts/system-parts.mjs';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

/** Servers that nobody here wrote the WebSocket part of, as Debian packages them. */
const PYTHON = systemPart('python');
const PERL = systemPart('perl');
const GO = systemPart('go');
const GORILLA = systemPart('gorilla');
const LIBRARIES = {
  websockets: systemPart('websockets'),
  tornado: systemPart('tornado'),
  mojolicious: systemPart('mojolicious'),
};
const ENV = {
  ...process.env,
  PYTHONPATH: [LIBRARIES.websockets, LIBRARIES.tornado].join(':'),
  PYTHONDONTWRITEBYTECODE: '1',
  PERL5LIB: LIBRARIES.mojolicious ?? '',
};
const CYCLES = ['--only', 'rapid-connection-cycles-stress', '--cycles', '60', '--bail'];
const SLOWEST_MS = 45_000;

const folder = mkdtempSync(join(tmpdir(), 'languages-'));
afterAll(() => rmSync(folder, { recursive: true }));
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

const server = (file: string): string => fileURLToPath(new URL(`./languages/${file}`, import.meta.url));

async function check(args: readonly string[]): Promise<CheckResult> {
  const json = join(folder, `${Math.random()}.json`);
  const ended = await runCli(
    ['check', ...args.slice(0, args.indexOf('--')), '--json', json, ...args.slice(args.indexOf('--'))],
    {
      env: ENV,
      deadlineMs: SLOWEST_MS,
    },
  );
  expect(ended.code, ended.stdout + ended.stderr).toBeLessThanOrEqual(1);
  return JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
}

const violationsOf = (result: CheckResult) => result.scenarios.flatMap(({ violations }) => violations);

/** Starts a server as somebody else would, and answers its process and its port. */
async function start(
  command: string,
  args: readonly string[],
): Promise<{ readonly pid: number; readonly port: string }> {
  const child = spawn(command, args, { env: ENV, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /:(\d+)$/.exec(line)?.[1];
    if (port !== undefined && child.pid !== undefined) return { pid: child.pid, port };
  }
  throw new Error(`${command} did not say where it listens`);
}

describe.skipIf(PYTHON === undefined || LIBRARIES.websockets === undefined)('python3-websockets', () => {
  const program = server('websockets_server.py');
  const python = PYTHON ?? '';

  test('[AL1] a limit of 20 whose managers nobody lets go of is convicted from outside; its fixed twin is green', async () => {
    const args = ['--limit', '20', '--only', 'manager-creation-limit-enforcement', ...CYCLES];
    const [faulty, fixed] = await Promise.all(
      ['manager', 'healthy'].map(async (fault) => await check([...args, '--', python, program, fault])),
    );
    expect(violationsOf(faulty as CheckResult).map(({ type }) => type)).toContain('slot-not-reusable');
    expect(fixed?.verdict, JSON.stringify(fixed && violationsOf(fixed))).toBe('watertight');
    expect(fixed?.blindSpots.join('\n')).toMatch(/runs python.*, not Node.*Still known: what clients see/);
  });

  test('[AL1] known by its address alone it is convicted as well, and its fixed twin green', async () => {
    const examine = async (fault: string): Promise<CheckResult> => {
      const { port } = await start(python, [program, fault]);
      const alone = ['--url', `ws://127.0.0.1:${port}`, '--limit', '20'];
      return await check([...alone, '--only', 'manager-creation-limit-enforcement', '--']);
    };
    const [faulty, fixed] = await Promise.all([examine('manager'), examine('healthy')]);
    expect(violationsOf(faulty).map(({ type }) => type)).toContain('slot-not-reusable');
    expect(fixed.verdict, JSON.stringify(violationsOf(fixed))).toBe('watertight');
  });

  test.each([
    ['thread', 'processes-left', /threads/],
    ['file', 'file-descriptors-left', /file/],
    ['socket', 'sockets-left', /CLOSE_WAIT/],
  ] as const)('[AL12] by its process id, each %s that stays is told', async (fault, type, named) => {
    const { pid } = await start(python, [program, fault]);
    const violations = violationsOf(await check([...CYCLES, '--pid', String(pid), '--']));
    expect(violations.find((violation) => violation.type === type)?.message, JSON.stringify(violations)).toMatch(named);
  });

  test('[AL8] without a limit, and without a look inside, what a manager leaves is told with the line that made it', async () => {
    const patient = [...CYCLES.slice(0, -1), '--settle', '500', '--budget', '3000'];
    const result = await check([...patient, '--', python, program, 'manager', '100000']);
    const findings = result.scenarios.flatMap((scenario) => scenario.findings);
    expect(findings[0]).toMatchObject({ kind: 'objects', growth: { is: 'leak', exact: true } });
    expect(findings[0]?.allocatedAt?.file).toMatch(/websockets_server\.py$/);
    expect(findings[0]?.excerpt?.lines.join('\n')).toMatch(/Manager\(user\)|admit\(user\)/);
  });

  test('[AL2] memory that stays is told of a process whose heap nobody can see, and what cannot be known', async () => {
    const { pid } = await start(python, [program, 'memory']);
    const [violation] = violationsOf(await check([...CYCLES, '--pid', String(pid), '--']));
    expect(violation?.type).toBe('memory-left');
    expect(violation?.message).toMatch(/bytes of proportional memory per cycle; what it consists of cannot be known/);
  });

  test('[AL3] with a process id and its metrics, what a gauge keeps of every connection is told by its name', async () => {
    const gauges = (port: string): string[] => [
      '--metrics',
      `http://127.0.0.1:${port}/metrics`,
      '--gauge',
      'app_managers{kind="held"}',
    ];
    const examine = async (fault: string): Promise<CheckResult> => {
      const { pid, port } = await start(python, [program, fault, '100000']);
      return await check(['--pid', String(pid), ...gauges(port), ...CYCLES, '--']);
    };
    const [faulty, fixed] = await Promise.all([examine('manager'), examine('healthy')]);
    expect(
      violationsOf(faulty)
        .map(({ type, message }) => `${type}: ${message}`)
        .join('\n'),
    ).toMatch(/gauge-grows: .*on the gauge app_managers\{kind="held"\}/);
    expect(fixed.verdict, JSON.stringify(violationsOf(fixed))).toBe('watertight');
  });

  test('[AL3] so is a value of a JSON endpoint that the configuration names', async () => {
    const { pid, port } = await start(python, [program, 'manager', '100000']);
    const config = join(folder, 'json-metrics.json');
    const metrics = `http://127.0.0.1:${port}/metrics.json`;
    writeFileSync(config, JSON.stringify({ metrics, gauges: ['app.managers'] }));
    const result = await check(['--config', config, '--pid', String(pid), ...CYCLES, '--']);
    expect(violationsOf(result).map(({ type, message }) => `${type}: ${message}`).join('\n')) // prettier-ignore
      .toMatch(/gauge-grows: .*on the gauge app\.managers/);
  });
});

describe.skipIf(PYTHON === undefined || LIBRARIES.tornado === undefined)('python3-tornado', () => {
  test('[AL4] a descriptor that stays of every connection is told; a server that closes it is green', async () => {
    await expectFileLeak([PYTHON ?? '', server('tornado_server.py')]);
  });
});

describe.skipIf(PERL === undefined || LIBRARIES.mojolicious === undefined)('libmojolicious-perl', () => {
  test('[AL4] so it is of a server in Perl', async () => {
    await expectFileLeak([PERL ?? '', server('mojolicious_server.pl')]);
  });
});

async function expectFileLeak(command: readonly string[]): Promise<void> {
  const [faulty, fixed] = await Promise.all(
    ['file', 'healthy'].map(async (fault) => await check([...CYCLES, '--', ...command, fault])),
  );
  expect(violationsOf(faulty as CheckResult)[0]).toMatchObject({ type: 'file-descriptors-left' });
  expect(fixed?.verdict, JSON.stringify(fixed && violationsOf(fixed))).toBe('watertight');
}

describe.skipIf(GO === undefined || GORILLA === undefined)('golang-github-gorilla-websocket-dev', () => {
  test('[AL11] a goroutine and a descriptor that stay of every connection are convicted, and the same server without them is not', async () => {
    const program = buildGo();
    const leaking = await check([...CYCLES, '--', program, 'goroutine']);
    // Its collector lets memory rise for longer than sixty connections take.
    const healthy = await check([...CYCLES.slice(0, 2), '--cycles', '200', '--', program, 'healthy']);
    expect(violationsOf(leaking).map(({ type }) => type)).toContain('file-descriptors-left');
    expect(healthy.verdict, JSON.stringify(violationsOf(healthy))).toBe('watertight');
  });
});

/** The compiler looks for what is imported under `src` of its path, wherever Debian's package is. */
function buildGo(): string {
  const path = join(folder, 'gopath');
  mkdirSync(join(path, 'src', 'github.com'), { recursive: true });
  symlinkSync(GORILLA ?? '', join(path, 'src', 'github.com', 'gorilla'));
  const program = join(folder, 'gorilla-server');
  const built = spawnSync(GO ?? '', ['build', '-o', program, server('gorilla/main.go')], {
    env: { ...process.env, GO111MODULE: 'off', GOPATH: path, GOCACHE: join(folder, 'gocache'), GOFLAGS: '' },
    encoding: 'utf8',
  });
  expect(built.stderr, 'go build').toBe('');
  return program;
}
