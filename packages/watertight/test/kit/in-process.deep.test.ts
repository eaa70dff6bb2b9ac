import { expect, test } from 'vitest';
import { readCase } from '../../../../scripts/exam/cases.mjs';
import { examineInProcess } from '../../../../scripts/exam/examine-in-process.mjs';
import { examine } from '../../../../scripts/exam/examine.mjs';

/** Cases whose server one process can serve and be examined in; nothing of them is installed. */
const SAMPLE = [
  ['plain-interval', 'buggy'],
  ['plain-interval', 'fixed'],
  ['plain-shared-emitter', 'buggy'],
  ['plain-small-object', 'buggy'],
  ['plain-only-rst', 'buggy'],
  ['control-log-ring', 'control'],
] as const;

const ONLY = 'rapid-connection-cycles-stress';
const SEED = 1;
const ENDS_WITHIN_MS = 240_000;

test.each(SAMPLE)(
  '[TK16] in process the verdict is that of the command line: %s, %s',
  { timeout: ENDS_WITHIN_MS },
  async (id, variant) => {
    const one = readCase(id);
    const expected = one.variants.find(({ name }) => name === variant)?.verdict;
    // Whether a leak is convicted is all that is asked here.
    const bail = expected === 'leak';
    const flags = ['--only', ONLY, '--no-trace', ...(bail ? ['--bail'] : [])];
    const { result, said } = await examine(one, variant, SEED, flags);
    const inProcess = await examineInProcess(one, variant, { only: [ONLY], noTrace: true, seed: SEED, bail });
    expect([result?.verdict, inProcess.verdict], said).toEqual([expected, expected]);
  },
);
