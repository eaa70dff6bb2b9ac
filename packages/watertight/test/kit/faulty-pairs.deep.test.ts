import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const CONFIG = fileURLToPath(new URL('faulty-pairs/vitest.config.ts', import.meta.url));
const VITEST = fileURLToPath(new URL('../../../../node_modules/vitest/vitest.mjs', import.meta.url));
const ENDS_WITHIN_MS = 180_000;

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
      readonly title: string;
    }[];
  }[];
}

/** Rules whose tests fail, by the connection that they ran over. */
async function redRules(): Promise<Readonly<Record<string, readonly string[]>>> {
  const args = [VITEST, 'run', '--config', CONFIG, '--reporter=json', '-t', String.raw`\[J1\]|\[J3\] a reset`];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 2 ** 26 }, (_error, out) => resolve(out));
  });
  const { testResults } = JSON.parse(stdout) as Report;
  const red: Record<string, string[]> = {};
  for (const { ancestorTitles, status, title } of testResults.flatMap((file) => file.assertionResults)) {
    const rules = (red[String(ancestorTitles.at(-1))] ??= []);
    const [rule = ''] = /J\d+/.exec(title) ?? [];
    if (status === 'failed' && !rules.includes(rule)) rules.push(rule);
  }
  return red;
}

test(
  '[TK15] a connection in memory that loses what a network delivers fails the suite',
  { timeout: ENDS_WITHIN_MS },
  async () => {
    const red = await redRules();
    expect(red['healthy']).toEqual([]);
    expect(red['loses the end of the client']).toContain('J1');
    expect(red['loses the reset of the client']).toEqual(['J3']);
    expect(red['never says that the server is closed']).toContain('J1');
    expect(red['loses what the server says behind its answer']).toContain('J1');
  },
);
