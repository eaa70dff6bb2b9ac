import { expect, test } from 'vitest';

import { trialsEndAtMs } from './endings.ts';

test('[N28] trying endings leaves the trace three tenths of what is left of the budget', () => {
  expect(trialsEndAtMs(10_000, 30_000, true)).toBe(24_000);
  expect(trialsEndAtMs(10_000, 30_000, false)).toBe(30_000);
  expect(trialsEndAtMs(30_000, 10_000, true)).toBe(30_000);
});
