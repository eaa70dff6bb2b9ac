import { it } from 'vitest';

import { ENDS_WITHIN_MS, passesExam, type Sat } from './exam-case.ts';

/** Two of them are installed; a registry that cannot be reached is a failure, never a pass. */
const SAMPLE: readonly Sat[] = [
  ['plain-only-rst', 'buggy'],
  ['plain-small-object', 'buggy'],
  ['ws-onclose-setter', 'buggy'],
  ['ws-onclose-setter', 'fixed'],
  ['control-log-ring', 'control'],
];

it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: ENDS_WITHIN_MS }, passesExam);
