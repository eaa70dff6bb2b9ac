import { it } from 'vitest';
import { expectRightMark, PATIENCE_MS, type Sample } from './exam-bench.ts';

const SAMPLE: readonly Sample[] = [
  ['plain-interval', 'buggy'],
  ['plain-shared-emitter', 'buggy'],
  ['plain-descriptors', 'buggy'],
];

it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: PATIENCE_MS }, expectRightMark);
