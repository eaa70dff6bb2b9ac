import { expect, it } from 'vitest';

import { readCase } from '../../../scripts/exam/cases.mjs';
import { examine } from '../../../scripts/exam/examine.mjs';
import { judge } from '../../../scripts/exam/judge.mjs';

/** Two of them are installed; a registry that cannot be reached is a failure, never a pass. */
const SAMPLE: readonly (readonly [id: string, variant: 'buggy' | 'fixed' | 'control'])[] = [
  ['plain-only-rst', 'buggy'],
  ['plain-small-object', 'buggy'],
  ['plain-interval', 'buggy'],
  ['plain-shared-emitter', 'buggy'],
  ['plain-descriptors', 'buggy'],
  ['ws-onclose-setter', 'buggy'],
  ['ws-onclose-setter', 'fixed'],
  ['control-log-ring', 'control'],
];
/** The windows of cycles only, and no snapshot: the whole check is what `npm run exam` is for. */
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--no-trace'];
/** Whether a leak is convicted is all that is asked here; after which ending it stays is for the scenarios' own tests. */
const LEAK_OPTIONS = [...OPTIONS, '--bail'];
const SEED = 1;

it.concurrent.each(SAMPLE)('[B33] the exam is passed by %s, %s', { timeout: 180_000 }, async (id, variant) => {
  const one = readCase(id);
  const { result, said } = await examine(one, variant, SEED, variant === 'buggy' ? LEAK_OPTIONS : OPTIONS);
  if (result === null) throw new Error(`the check gave no result: ${said}`);
  const { mark } = judge(one, variant, result);
  expect(mark, said).toBe('right');
});
