import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { conditions } from './model/conditions.ts';
import { steps, stepsTaken } from './model/commands.ts';
import { World } from './model/world.ts';

/** Fixed, so that a run says the same each time; `SEED` and `STEPS` look elsewhere and longer. `npm run test:long` takes a million. */
const SEEDS = process.env['SEED'] === undefined ? [20_261_123, 20_261_128, 4] : [Number(process.env['SEED'])];
const STEPS = Number(process.env['STEPS'] ?? 9000) / SEEDS.length;
const STEPS_PER_RUN = 200;
const TIME_LIMIT_MS = Number(process.env['TIME_LIMIT_MS'] ?? 60_000);

test.each(SEEDS)(
  '[T10] whatever happens in whatever order: limits, overrides and rates hold, accounts balance, deadlines and graces are kept, nobody living is removed, nothing is left (seed %i)',
  async (seed) => {
    const takenBefore = stepsTaken();
    const beganAtMs = performance.now();
    const commands = fc.commands([steps], { maxCommands: STEPS_PER_RUN, size: 'max' });
    const property = fc.asyncProperty(conditions, commands, async (given, chosen) => {
      const world = new World(given);
      try {
        await fc.asyncModelRun(() => ({ model: { steps: 0 }, real: world }), chosen);
        await world.end();
      } finally {
        world.dispose();
      }
    });
    let round = 0;
    while (stepsTaken() - takenBefore < STEPS) {
      await fc.assert(property, { seed: seed + round, numRuns: 20 });
      round += 1;
    }
    const taken = stepsTaken() - takenBefore;
    process.stdout.write(`seed ${seed}: ${taken} steps in ${Math.round((performance.now() - beganAtMs) / 1000)} s\n`);
    expect(taken).toBeGreaterThanOrEqual(STEPS);
  },
  TIME_LIMIT_MS,
);
