import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

import type { CheckResult, ScenarioResult } from '../src/verdict/types.ts';

const MAIN = fileURLToPath(new URL('../dist/programs/watertight.js', import.meta.url));
const SERVER = fileURLToPath(new URL('../test/servers/keeps-sessions.mjs', import.meta.url));
const ONE_SCENARIO = ['--only', 'rapid-connection-cycles-stress'];
const CHECK_MS = 180_000;

/** The executables, by name; `npm run test:runtimes` fetches them. */
const runtimes = JSON.parse(process.env['WATERTIGHT_TEST_RUNTIMES'] ?? '{}') as Readonly<Record<string, string>>;
const nodes = Object.entries(runtimes).filter(([name]) => name.startsWith('node'));
const { deno = '', bun = '' } = runtimes;
const others = [
  { name: 'deno', command: [deno, 'run', '-A'], way: 'Deno opens an inspector only from the start' },
  { name: 'bun', command: [bun], way: 'Bun has an inspector of its own kind' },
].filter(({ command: [executable] }) => executable !== '');
if (nodes.length + others.length === 0) throw new Error('no runtime to try: npm run test:runtimes fetches them');

const folder = mkdtempSync(join(tmpdir(), 'watertight-runtimes-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Checked {
  readonly code: number | null;
  readonly cycles: ScenarioResult;
  readonly stdout: string;
}

/** The tool itself runs on `tool`. */
async function check(tool: string, args: readonly string[]): Promise<Checked> {
  const json = join(folder, 'result.json');
  const child = spawn(tool, [MAIN, 'check', ...ONE_SCENARIO, '--json', json, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  const [cycles] = (JSON.parse(readFileSync(json, 'utf8')) as CheckResult).scenarios;
  if (cycles === undefined) throw new Error(stdout);
  return { code, cycles, stdout };
}

const ONE_SESSION = {
  kind: 'objects',
  name: 'Session',
  growth: { is: 'leak', perCycle: 1, exact: true },
  keptBy: expect.stringMatching(/^Map sessions/) as string,
};

describe.each(nodes)('%s', (_, node) => {
  test('[K19] tells what a server that runs on it keeps of every connection', { timeout: CHECK_MS }, async () => {
    const { code, cycles } = await check(node, ['--', node, SERVER, 'leaky']);
    expect(cycles.findings[0]).toMatchObject(ONE_SESSION);
    expect(cycles.findings[0]?.allocatedAt?.file).toContain('keeps-sessions.mjs');
    expect(code).toBe(1);
  });

  test(
    '[I3, I33] one that may not be signalled is left alone, judged by its memory, and how to look inside is said',
    { timeout: CHECK_MS },
    async () => {
      const { code, cycles, stdout } = await check(node, ['--', node, '--disable-sigusr1', SERVER, 'leaky']);
      expect(stdout).toMatch(/has switched off the signal that opens an inspector \(--disable-sigusr1\)/);
      expect(stdout).toContain('Start it with --inspect=127.0.0.1:0');
      expect(cycles.violations.map(({ step }) => step)).toEqual(['cycles/no-memory-outside-the-heap-grows']);
      expect(code).toBe(1);
    },
  );

  test('[K19] finds nothing in one that lets go', { timeout: CHECK_MS }, async () => {
    const { code, cycles } = await check(node, ['--', node, SERVER]);
    expect(cycles.violations).toEqual([]);
    expect(code).toBe(0);
  });
});

describe.each(others)('$name', ({ command, way }) => {
  test(
    '[I33] [AL2] a server that runs on it is convicted by its memory, and how to look inside is said',
    { timeout: CHECK_MS },
    async () => {
      const { code, cycles, stdout } = await check(process.execPath, ['--', ...command, SERVER, 'leaky']);
      expect(cycles.violations.map(({ step }) => step)).toEqual(['cycles/no-memory-outside-the-heap-grows']);
      expect(stdout).toContain(way);
      expect(code).toBe(1);
    },
  );

  test('[I33] [AL2] one that lets go is not', { timeout: CHECK_MS }, async () => {
    const { code, cycles } = await check(process.execPath, ['--', ...command, SERVER]);
    expect(cycles.violations).toEqual([]);
    expect(code).toBe(0);
  });
});

describe.runIf(deno !== '')('deno with an open inspector', () => {
  /** Its places: of the inspector and of the server. */
  async function serve(mode: string): Promise<readonly string[]> {
    const child = spawn(deno, ['run', '-A', '--inspect=127.0.0.1:0', SERVER, mode], { stdio: 'pipe' });
    started.push(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
    while (!/listening on port \d+/.test(said)) await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    const [, inspector = ''] = /Debugger listening on ws:\/\/([^/]+)/.exec(said) ?? [];
    const [, port = ''] = /listening on port (\d+)/.exec(said) ?? [];
    return ['--inspect', inspector, '--url', `ws://127.0.0.1:${port}`];
  }

  test('[K19] [K11] the class, its line and who keeps it are told', { timeout: CHECK_MS }, async () => {
    const { code, cycles } = await check(process.execPath, await serve('leaky'));
    expect(cycles.findings[0]).toMatchObject(ONE_SESSION);
    expect(cycles.findings[0]?.allocatedAt?.file).toContain('keeps-sessions.mjs');
    expect(code).toBe(1);
  });

  test('[K19] [K11] nothing is found in a server that lets go', { timeout: CHECK_MS }, async () => {
    const { code, cycles } = await check(process.execPath, await serve('healthy'));
    expect(cycles.violations).toEqual([]);
    expect(code).toBe(0);
  });
});
