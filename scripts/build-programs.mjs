// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT, isMain } from './root.mjs';

const PACKAGE = join(ROOT, 'packages', 'watertight');
const OUTPUT = join(PACKAGE, 'dist', 'programs');
/** Whatever runs in a process or thread of its own. */
const PROGRAMS = {
  watertight: 'cli/main.ts',
  matrix: 'scenarios/coverage/matrix-main.ts',
  specimen: 'faulty/main.ts',
  guardian: 'inspector/guardian-main.ts',
  examiner: 'kit/examiner-main.ts',
  'snapshot-thread': 'trace/snapshot-thread.ts',
};

/**
 * Puts the modules of each program into a few files: to find and link some 300 takes Node longer than to run them. What the programs
 * have in common is in files that they share; what is installed beside the package stays there.
 */
export async function buildPrograms() {
  rmSync(OUTPUT, { recursive: true, force: true });
  await build({
    entryPoints: Object.fromEntries(
      Object.entries(PROGRAMS).map(([name, source]) => [name, join(PACKAGE, 'src', source)]),
    ),
    outdir: OUTPUT,
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

if (isMain(import.meta.url)) await buildPrograms();
