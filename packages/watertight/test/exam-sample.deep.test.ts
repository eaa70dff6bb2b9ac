import { it } from 'vitest';

import { ENDS_WITHIN_MS, passesExam, type Sat } from './exam-case.ts';

/** What each of them keeps, `channels.test.ts` shows quickly on one server. */
const MORE: readonly Sat[] = [
  ['plain-interval', 'buggy'],
  ['plain-shared-emitter', 'buggy'],
  ['plain-descriptors', 'buggy'],
];

it.concurrent.each(MORE)('[B33] the exam is passed by %s, %s', { timeout: ENDS_WITHIN_MS }, passesExam);
