import { expect, test } from 'vitest';
import { runCli } from './cli-process.ts';
import { QUICK, serving } from './observed-traffic.ts';

test('[OB1] servers that keep nothing, or have a warm cache, alert nobody', async () => {
  const observed = (['healthy', 'cache'] as const).map(async (how) => {
    const { pid } = await serving(how);
    const { code, stdout } = await runCli(['observe', String(pid), ...QUICK, '--json', '--for', '5s'], {
      deadlineMs: 50_000,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; acceptedCount?: number });
    expect(lines[0]).toMatchObject({ type: 'begin', pid });
    expect(lines.some(({ type }) => type === 'alert')).toBe(false);
    const looks = lines.filter(({ type }) => type === 'look');
    // On a machine that is busy a look may wait, and fewer are too few to say anything.
    expect(code).toBe(looks.length >= 7 ? 0 : 3);
    expect(looks.at(-1)?.acceptedCount).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatchObject({ type: 'summary', growing: [] });
  });
  await Promise.all(observed);
});

test('[OB4] looks come as seldom as --max-share asks, and end where one exceeds --max-stop', async () => {
  const { pid } = await serving('healthy');
  // Each stops it for a millisecond at least: at 0.01 % the next one is 10 s away.
  const seldom = await runCli(['observe', String(pid), '--window', '250ms', '--max-share', '0.01', '--for', '4s']);
  expect(seldom.stdout.match(/stopped for/g)).toHaveLength(1);
  const { code, stderr } = await runCli(['observe', String(pid), '--window', '250ms', '--max-stop', '1']);
  expect(code).toBe(3);
  expect(stderr).toMatch(/a look stopped the process for \d+ ms, and --max-stop is 1 ms: it is observed no longer/);
});
