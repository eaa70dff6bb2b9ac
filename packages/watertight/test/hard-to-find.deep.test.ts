import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Finding } from '../src/verdict/finding.ts';
import { CHECK_ENDS_WITHIN_MS, checkToJson } from './json-check.ts';

const SERVER = fileURLToPath(new URL('servers/keeps-in.mjs', import.meta.url));
const LINES = readFileSync(SERVER, 'utf8').split('\n');
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--cycles', '40', '--settle', '1000'];

const lineOf = (text: string): number => LINES.findIndex((line) => line.includes(text)) + 1;

async function checkWhere(
  where: string,
  options: readonly string[] = [],
): Promise<{ readonly stdout: string; readonly first: Finding | undefined; readonly left: string }> {
  const { code, stdout, result } = await checkToJson([...OPTIONS, ...options], [SERVER, where]);
  expect(code, stdout).toBe(1);
  const [scenario] = result.scenarios;
  const step = scenario?.steps.find(({ id }) => id === 'cycles/nothing-is-left-after-any-ending');
  return { stdout, first: scenario?.findings[0], left: step?.note ?? '' };
}

test('[S20] what a variable of a block keeps is told by the variable', { timeout: CHECK_ENDS_WITHIN_MS }, async () => {
  const { first } = await checkWhere('block');
  expect(first?.keptBy).toMatch(new RegExp(`^Set trail \\(\\S*keeps-in\\.mjs:${lineOf('const trail')}\\) ← `));
});

test(
  '[V27] a promise is told by the async function that waits, with all else that it makes',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { first } = await checkWhere('answer');
    expect(first?.name).toBe('Promise never settled');
    expect(first?.keptBy).toMatch(/^Promise closing /);
    expect(first?.allocatedAt?.file).toMatch(/keeps-in\.mjs$/);
  },
);

test(
  '[V34] plain objects are told by who made them, not by what hangs on them',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { first, stdout } = await checkWhere('offenders');
    expect(first?.keptBy).toMatch(/^Array offenders /);
    expect(first?.allocatedAt).toMatchObject({ functionName: 'onError', line: lineOf('function onError') });
    expect(first?.definedAt).toBeNull();
    expect(stdout).not.toMatch(/ defined .* in Object/);
  },
);

test(
  '[V35] a native handle has the name of its class and the line that asked for it, and is a root alone',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { first, stdout } = await checkWhere('channel');
    expect(first?.name).toBe('MessagePort');
    expect(first?.allocatedAt?.file).toMatch(/keeps-in\.mjs$/);
    expect(first?.keptBy).toContain('it is a root itself');
    expect(first?.independentRetainers).toBe(1);
    expect(stdout).not.toContain('cutting one of them is no fix');
    expect(stdout).not.toContain('Node / ');
  },
);

test(
  '[N46] what stays of one connection in ten is tried with enough of each ending',
  { timeout: CHECK_ENDS_WITHIN_MS },
  async () => {
    const { left } = await checkWhere('rarely', ['--budget', '90000']);
    expect(left).not.toContain('nothing after');
    expect(left).toMatch(/after a close frame.* 0\.1 /);
  },
);
