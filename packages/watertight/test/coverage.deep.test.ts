import { test } from 'vitest';
import { expectEveryFaultCaught, FULL_MATRIX_MS } from './matrix-bench.ts';

test(
  '[F1, F5] every fault is caught by a step named for it, before the scenario that has to see it',
  { timeout: FULL_MATRIX_MS },
  async () => await expectEveryFaultCaught('each'),
);
