import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { CheckResult, Violation } from '../src/verdict/types.ts';
import { runCli, type Ended } from './cli-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What hangs is ended: the cycles alone may take 40 s, and twice that where others compute. */
const LONGEST_MS = 300_000;

describe('the leaky twin of the chat', () => {
  let folder = '';
  let ended: Ended;
  let result: CheckResult;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'watertight-leaky-'));
    const json = join(folder, 'result.json');
    // What only waits for what never goes is not what this is about, and who keeps what is told by a test of its own; what is
    // left is counted of each ending alone.
    const options = ['--settle', '1000', '--cycles', '40', '--no-trace', '--timeout', '280000', '--json', json];
    const args = ['check', '--config', 'examples/chat/leaky.config.json', ...options];
    ended = await runCli(args, { cwd: ROOT, deadlineMs: LONGEST_MS });
    result = JSON.parse(readFileSync(json, 'utf8')) as CheckResult;
  }, LONGEST_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  const violation = (step: string): Violation | undefined =>
    result.scenarios.flatMap((scenario) => scenario.violations).find((candidate) => candidate.step === step);
  /** The table as running text: its cells are wrapped, and columns stand between their lines. */
  const cell = (scenario: string): string => {
    const lines = ended.stdout.slice(0, ended.stdout.indexOf('Leaks and violations')).split('\n');
    const [head = ''] = lines;
    const [from, to] = [head.indexOf('what was seen'), head.indexOf('elapsed')];
    const first = lines.findIndex((line) => line.startsWith(scenario));
    const next = lines.findIndex((line, index) => index > first && !line.startsWith(' '));
    return lines
      .slice(first, next)
      .map((line) => line.slice(from, to).trim())
      .join(' ');
  };

  test('[B26] is convicted: exit code 1', () => {
    expect(ended).toMatchObject({ code: 1, signal: null });
    expect(result.verdict).toBe('leak');
  });

  test('[B26] the table says that there is no limit although one is asked for', () => {
    expect(violation('limit/the-21st-is-refused')).toMatchObject({ type: 'limit-not-enforced' });
    expect(cell('manager-creation-limit-enforcement')).toContain('socket 21 of a user with a limit of 20 was admitted');
  });

  test('[B26] the table says that sockets and timers are left after a vanish', () => {
    expect(violation('timing/a-vanished-peer-is-noticed')).toMatchObject({ type: 'silence-undetected' });
    expect(cell('manager-cleanup-timing-precision')).toMatch(
      /silent peers .*vanish 1 gone never.*promised within 2500 ms/,
    );
    expect(cell('rapid-connection-cycles-stress')).toMatch(
      /after a vanish: [^;]*1 socket \(ESTABLISHED\), 1 interval 10000 ms calling[^;]* per connection \(7 of 7\), \d+ ms later, promised within 2500 ms/,
    );
  });

  test('[B26] [N15] the table says that a room entry per connection is left after RST, and nothing after a close frame', () => {
    const seen = cell('rapid-connection-cycles-stress');
    expect(seen).toMatch(/^left after RST[^;:]*: 1 Seat[^;]* per connection \(7 of 7\);/);
    expect(seen).toContain('nothing after a close frame');
    expect(violation('cycles/nothing-is-left-after-any-ending')).toMatchObject({
      type: 'listeners-left',
      kind: 'leak',
    });
  });

  test('[B26] [V11] and what to do about each', () => {
    expect(result.nextSteps.join('\n')).toMatch(
      /^Enforce the limit.*\nFind peers that vanished.*\n(.*\n)?Look for a collection/,
    );
  });
});
