import { test } from 'vitest';
import { followReadme, JOURNEY_MS } from './readme-journey.ts';

// The other runners, which every other test of the kit is run by as well, are followed by `npm run test:projects`.
test(
  '[TK10] the README alone leads from an empty folder to a leak test that fails with jest, and passes once the mistake is out',
  async () => await followReadme('jest'),
  JOURNEY_MS,
);
