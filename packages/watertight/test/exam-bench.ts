import { expect } from 'vitest';
import { readCase } from '../../../scripts/exam/cases.mjs';
import { examine } from '../../../scripts/exam/examine.mjs';
import { judge } from '../../../scripts/exam/judge.mjs';

export type Sample = readonly [id: string, variant: 'buggy' | 'fixed' | 'control'];

export const PATIENCE_MS = 180_000;
/** The windows of cycles only, and no snapshot: the whole check is what `npm run exam` is for. */
const OPTIONS = ['--only', 'rapid-connection-cycles-stress', '--no-trace'];
/** Whether a leak is convicted is all that is asked here; after which ending it stays is for the scenarios' own tests. */
const LEAK_OPTIONS = [...OPTIONS, '--bail'];
const SEED = 1;

/** Examines one server of the corpus, and expects the detector to be right about it. */
export async function expectRightMark(...[id, variant]: Sample): Promise<void> {
  const one = readCase(id);
  const { result, said } = await examine(one, variant, SEED, variant === 'buggy' ? LEAK_OPTIONS : OPTIONS);
  if (result === null) throw new Error(`the check gave no result: ${said}`);
  const { mark } = judge(one, variant, result);
  expect(mark, said).toBe('right');
}
