import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/typed-sessions.ts', import.meta.url));
const ENDS_WITHIN_MS = 120_000;
/** Of the function that makes a session. */
const LINE =
  1 +
  readFileSync(SERVER, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes("server.on('connection'"));

test.each([{ options: [] }, { options: ['--no-trace'] }])(
  '[S9] what is compiled while it is loaded is told by the lines of its source $options',
  { timeout: ENDS_WITHIN_MS },
  async ({ options }) => {
    const folder = mkdtempSync(join(tmpdir(), 'watertight-typescript-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const json = join(folder, 'result.json');
    const asked = ['--only', 'rapid-connection-cycles-stress', '--json', json, ...options];
    const ended = await runCli(['check', ...asked, '--', process.execPath, '--import', 'tsx', SERVER], {
      cwd: import.meta.dirname,
      deadlineMs: ENDS_WITHIN_MS,
    });
    const [finding] = (JSON.parse(readFileSync(json, 'utf8')) as CheckResult).scenarios[0]?.findings ?? [];
    expect(finding).toMatchObject({ name: 'Session', growth: { is: 'leak', perCycle: 1 } });
    const places = [finding?.definedAt, ...(finding?.allocationStack ?? [])];
    expect(places.map((place) => `${place?.file}:${place?.line}`)).toContain(`servers/typed-sessions.ts:${LINE}`);
    expect(places.filter((place) => place?.file.endsWith('.ts')).map((place) => place?.line)).not.toContain(1);
    expect(ended.code).toBe(1);
  },
);
