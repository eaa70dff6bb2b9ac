import { expect, test } from 'vitest';
import { runContext } from '../../../test/run-context.ts';
import { runScenario } from '../../cli/run-scenario.ts';
import { openDrive } from '../../drive/drive.ts';
import { parseIdentity } from '../../drive/identity.ts';
import type { InsideView } from '../../inspector/types.ts';
import { spendRefusals } from './untold-refusals.ts';

test('[N43] after an attack of ours a scenario begins when the server says again why it refuses, one that bears it at once', async () => {
  const context = runContext();
  const inside = {} as InsideView;
  spendRefusals(inside);
  const spentAtMs = performance.now();
  const begunAfterMs = async (bearsUntoldRefusals: boolean, of: InsideView): Promise<number> => {
    let begunAtMs = Infinity;
    const scenario = {
      name: 'play',
      aliases: [],
      purpose: 'for tests',
      steps: [],
      bearsUntoldRefusals,
      estimate: () => ({ sockets: 0, seconds: 1 }),
      run: async () => {
        begunAtMs = performance.now();
        await Promise.resolve();
      },
    };
    await runScenario(scenario, { ...context, inside: of }, () => openDrive(context.target.url, parseIdentity()));
    return begunAtMs - spentAtMs;
  };
  const [patient, bearing, elsewhere] = await Promise.all([
    begunAfterMs(false, inside),
    begunAfterMs(true, inside),
    begunAfterMs(false, {} as InsideView),
  ]);
  expect(patient).toBeGreaterThanOrEqual(990);
  expect(Math.max(bearing, elsewhere)).toBeLessThan(patient);
});
