import { it } from 'vitest';
import { expectRightMark, PATIENCE_MS, type Sample } from './exam-bench.ts';

/**
 * Two of them are installed; a registry that cannot be reached is a failure, never a pass. Timers, listeners and descriptors that
 * stay are left to the deep sample: `channels.test.ts` sees each of them in a quick check.
 */
const SAMPLE: readonly Sample[] = [
  ['plain-only-rst', 'buggy'],
  ['plain-small-object', 'buggy'],
  ['ws-onclose-setter', 'buggy'],
  ['ws-onclose-setter', 'fixed'],
  ['control-log-ring', 'control'],
];
it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: PATIENCE_MS }, expectRightMark);
