import { expect, it } from 'vitest';

import { formatFigure } from './figures.ts';

it.each([
  ['slotReusableMs', 12.34, 'slot reusable 12 ms'],
  ['maxMs', 1.26, 'max 1.3 ms'],
  ['elapsedMs', 12_345, 'elapsed 12.3 s'],
  ['elapsedMs', Infinity, 'elapsed unmeasured'],
  ['heapUsedBytes', -2_048, 'heap used -2.0 KB'],
  ['admittedCount', 20, 'admitted 20'],
  ['growthPerCycle', 0.123456, 'growth per cycle 0.123'],
  ['perUser', 'a\u0007', 'per user a\u0007'],
  ['answered', true, 'answered yes'],
  ['settled after ms', 140, 'settled after 140 ms'],
  ['lastError', null, 'last error none'],
] as const)('[H4] %s %s is shown as %s', (name, value, shown) => {
  expect(formatFigure(name, value)).toBe(shown);
});
