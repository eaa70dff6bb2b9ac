import { test } from 'vitest';
import { followReadme, JOURNEY_MS } from './readme-journey.ts';

test.each(['vitest', 'node'] as const)(
  '[TK10] the README alone leads from an empty folder to a leak test that fails with %s, and passes once the mistake is out',
  async (runner) => await followReadme(runner),
  JOURNEY_MS,
);
