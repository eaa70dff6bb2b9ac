import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../src/verdict/types.ts';
import { runCli } from './cli-process.ts';

const SERVER = fileURLToPath(new URL('servers/large-heap.mjs', import.meta.url));
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--no-trace', '--bail'];
const ENDS_WITHIN_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'watertight-large-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(how: 'kept' | 'released' | 'kept-of-silent', ...more: string[]): Promise<CheckResult> {
  const file = join(folder, `${how}.json`);
  const args = ['check', ...OPTIONS, ...more, '--json', file, '--', process.execPath, SERVER, how];
  await runCli(args, { deadlineMs: ENDS_WITHIN_MS });
  return JSON.parse(readFileSync(file, 'utf8')) as CheckResult;
}

describe('of a heap over 48 MB', () => {
  test(
    '[N42] a string per connection in a Set is found, by where it was made',
    { timeout: ENDS_WITHIN_MS },
    async () => {
      const [finding] = (await check('kept')).scenarios.flatMap(({ findings }) => findings);
      expect(finding).toMatchObject({
        kind: 'collection',
        name: 'entry in a Set of string',
        growth: { is: 'leak', perCycle: 1, exact: true },
        allocatedAt: { file: expect.stringMatching(/large-heap\.mjs$/) as unknown, line: 13 },
      });
    },
  );

  test(
    '[N41] [N42] what stays of silent peers alone is found there too, and one that empties its Set is watertight',
    { timeout: ENDS_WITHIN_MS },
    async () => {
      const violationsOf = ({ scenarios }: CheckResult): unknown[] => scenarios.flatMap(({ violations }) => violations);
      expect(violationsOf(await check('kept-of-silent', '--silence', '1000'))).toMatchObject([
        { step: 'cycles/nothing-is-left-of-silent-peers', message: expect.stringContaining('Set') as unknown },
      ]);
      const released = await check('released', '--silence', '1000');
      expect([violationsOf(released), released.verdict, released.exitCode]).toEqual([[], 'watertight', 0]);
    },
  );
});
