import { it } from 'vitest';
import { expectRightMark, PATIENCE_MS, type Sample } from './exam-bench.ts';

/**
 * One that leaks and one that does not; the others, two of which are installed, are left to the deep sample. `channels.test.ts`
 * sees each kind of what may stay in a quick check.
 */
const SAMPLE: readonly Sample[] = [
  ['plain-only-rst', 'buggy'],
  ['control-log-ring', 'control'],
];
it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: PATIENCE_MS }, expectRightMark);
