import { rmSync } from 'node:fs';
import { expect } from 'vitest';
import { pack } from './packed.ts';
import { ReadmeProject } from './readme-project.ts';

/** From an empty folder to a failing test, on a machine that has fetched the packages before or not. */
const WITHIN_MS = 300_000;
/** Twice: with the mistake, and without it. */
export const JOURNEY_MS: number = 2 * WITHIN_MS;

/** From an empty folder, by nothing but the README, to a leak test that fails, and passes once the mistake is out. */
export async function followReadme(runner: 'vitest' | 'jest' | 'node'): Promise<void> {
  const { tarballs, folder } = await pack();
  try {
    using project = new ReadmeProject(runner);
    const beganAtMs = performance.now();
    await project.setUp(tarballs);
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
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
