import { it } from 'vitest';
import { expectRightMark, PATIENCE_MS, type Sample } from './exam-bench.ts';

/** Two of them are installed; a registry that cannot be reached is a failure, never a pass. */
const SAMPLE: readonly Sample[] = [
  ['plain-small-object', 'buggy'],
  ['ws-onclose-setter', 'buggy'],
  ['ws-onclose-setter', 'fixed'],
  ['plain-interval', 'buggy'],
  ['plain-shared-emitter', 'buggy'],
  ['plain-descriptors', 'buggy'],
  ['plain-copied-state', 'buggy'],
  ['control-copied-log', 'control'],
];

it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: PATIENCE_MS }, expectRightMark);
