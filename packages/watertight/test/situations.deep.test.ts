import { expect, test } from 'vitest';
import { faultsOf } from '../src/scenarios/coverage/plan.ts';
import { runCells } from '../src/scenarios/coverage/run-cells.ts';
import { situations } from '../src/scenarios/situations.ts';

/** Some 20 s on two cores with nothing beside them. */
const MATRIX_MS = 240_000;

test(
  '[PS2] each fault of production is caught by a step of its situation, and the healthy server by none',
  { timeout: MATRIX_MS },
  async () => {
    const { outcomes } = await runCells('production', AbortSignal.timeout(MATRIX_MS - 10_000), () => {});
    const seen = outcomes.map(({ specimen, outcome, note }) => ({ specimen, outcome, note }));
    expect(seen.filter(({ specimen, outcome }) => specimen === 'healthy' && outcome !== 'green')).toEqual([]);
    expect(outcomes.filter(({ specimen }) => specimen === 'healthy')).toHaveLength(situations.length);
    const missed = faultsOf('production').filter(
      ({ id, caughtBy }) => !seen.some(({ specimen, outcome }) => specimen === id && caughtBy.includes(outcome)),
    );
    expect(missed.map(({ id }) => seen.find(({ specimen }) => specimen === id))).toEqual([]);
    expect(faultsOf('production')).toHaveLength(situations.length);
  },
);
