import { fileURLToPath } from 'node:url';

/**
 * The file of a program of ours that runs in a process or thread of its own, always the built one. Two levels up from `src/target`
 * and from `dist/programs` alike.
 */
export function ownProgram(
  file: 'matrix.js' | 'specimen.js' | 'guardian.js' | 'examiner.js' | 'snapshot-thread.cjs',
): string {
  return fileURLToPath(new URL(`../../dist/programs/${file}`, import.meta.url));
}
