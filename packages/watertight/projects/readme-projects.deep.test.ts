import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack } from './packed.ts';
import { ReadmeProject } from './readme-project.ts';

/** From an empty folder to a failing test, on a machine that has fetched the packages before or not. */
const WITHIN_MS = 300_000;

let packed: Awaited<ReturnType<typeof pack>>;

beforeAll(async () => {
  packed = await pack();
});
afterAll(() => rmSync(packed.folder, { recursive: true, force: true }));

test.each(['vitest', 'jest', 'node'] as const)(
  '[TK10] the README alone leads from an empty folder to a leak test that fails with %s, and passes once the mistake is out',
  async (runner) => {
    using project = new ReadmeProject(runner);
    const beganAtMs = performance.now();
    await project.setUp(packed.tarballs);
    const leaky = await project.test();
    const tookMs = performance.now() - beganAtMs;
    expect(leaky.output).toMatch(/Session per connection/);
    expect(leaky.output).toContain('server.mjs:13');
    expect(leaky.exitCode).toBe(1);
    expect(tookMs).toBeLessThan(WITHIN_MS);
    project.repair();
    const repaired = await project.test();
    expect(repaired.output).not.toMatch(/per connection/);
    expect(repaired.exitCode).toBe(0);
    process.stdout.write(`${runner}: a failing leak test ${Math.round(tookMs / 1000)} s after an empty folder\n`);
  },
  2 * WITHIN_MS,
);
