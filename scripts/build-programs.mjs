// @ts-check
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT, isMain } from './root.mjs';

const PACKAGE = join(ROOT, 'packages', 'watertight');
const OUTPUT = join(PACKAGE, 'dist', 'programs');
/** Whatever runs in a process of its own. */
const PROGRAMS = {
  watertight: 'cli/main.ts',
  matrix: 'scenarios/coverage/matrix-main.ts',
  specimen: 'faulty/main.ts',
  guardian: 'inspector/guardian-main.ts',
  examiner: 'kit/examiner-main.ts',
};
/** In a thread Node starts a module a third later than a script, and there is nobody to share files with. */
const THREADS = { 'snapshot-thread': 'trace/snapshot-thread.ts' };

/**
 * Puts the modules of each program into a few files: to find and link some 300 takes Node longer than to run them. What the programs
 * have in common is in files that they share; what is installed beside the package stays there.
 */
export async function buildPrograms() {
  rmSync(OUTPUT, { recursive: true, force: true });
  const shared = {
    outdir: OUTPUT,
    bundle: true,
    platform: /** @type {const} */ ('node'),
    target: 'node20.19',
    packages: /** @type {const} */ ('external'),
    legalComments: /** @type {const} */ ('none'),
    logLevel: /** @type {const} */ ('warning'),
  };
  const modules = { format: /** @type {const} */ ('esm'), splitting: true, chunkNames: 'part-[hash]' };
  await build({ ...shared, ...modules, entryPoints: sourcesOf(PROGRAMS) });
  await build({ ...shared, format: 'cjs', outExtension: { '.js': '.cjs' }, entryPoints: sourcesOf(THREADS) });
}

/** @param {Readonly<Record<string, string>>} programs */
function sourcesOf(programs) {
  return Object.fromEntries(Object.entries(programs).map(([name, source]) => [name, join(PACKAGE, 'src', source)]));
}

if (isMain(import.meta.url)) await buildPrograms();
