import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openInsideView } from '../src/inspector/open.ts';
import { ATTACK_STEP, checkAttack } from '../src/scenarios/limit/attack.ts';
import { checkForwarded, FORWARDED_STEP } from '../src/scenarios/limit/forwarded.ts';
import { checkTalking, TALKING_STEP } from '../src/scenarios/limit/talking.ts';
import { Crowd } from '../src/scenarios/shared/crowd.ts';
import { inSteps } from '../src/scenarios/steps.ts';
import type { Scenario } from '../src/scenarios/types.ts';
import { spawnTarget } from '../src/target/spawn.ts';
import type { StepResult } from '../src/verdict/types.ts';
import { examine } from './scenario-bench.ts';

const SERVER = fileURLToPath(new URL('fixtures/refuses.mjs', import.meta.url));
const LIMIT = 5;

/** The attack alone, on a user who is at the limit. */
const ATTACK: Scenario = {
  name: 'attack',
  aliases: [],
  purpose: 'for tests',
  steps: [ATTACK_STEP],
  estimate: () => ({ sockets: 200, seconds: 2 }),
  run: (examined) =>
    inSteps(examined, [ATTACK_STEP], async (steps, context) => {
      const crowd = new Crowd(context);
      try {
        const user = context.drive.userId(1);
        await crowd.fill(user, LIMIT);
        await checkAttack(context, steps, user);
      } finally {
        crowd.dispose();
      }
    }),
};

/** Two who say too much before they are answered. */
const TALKING: Scenario = {
  ...ATTACK,
  name: 'talking',
  steps: [TALKING_STEP],
  run: (examined) => inSteps(examined, [TALKING_STEP], async (steps, context) => await checkTalking(context, steps)),
};

/** Three who say that they come from somewhere else. */
const FORWARDED: Scenario = {
  ...ATTACK,
  name: 'forwarded',
  steps: [FORWARDED_STEP],
  run: (examined) =>
    inSteps(examined, [FORWARDED_STEP], async (steps, context) => await checkForwarded(context, steps)),
};

const attack = async (...args: string[]): Promise<StepResult | undefined> => await onlyStep(ATTACK, args);

async function onlyStep(scenario: Scenario, args: readonly string[]): Promise<StepResult | undefined> {
  const command = [process.execPath, '--inspect=127.0.0.1:0', SERVER, ...args];
  const target = await spawnTarget({ command, waitFor: 'listening on' });
  onTestFinished(() => target.end());
  const inside = await openInsideView(target.pid ?? 0);
  onTestFinished(() => inside.close());
  return (await examine({ target, inside }, scenario, { bail: true })).steps[0];
}

test('[N32] a server on ws shows its budget of refusals in its statistics, and is attacked beyond it', async () => {
  const step = await attack();
  expect(step).toMatchObject({ status: 'held', figures: { admitted: 0, perSecond: 20 } });
  expect(step?.figures['unanswered']).toBeGreaterThan(0);
});

test('[N32] one that tells the first few in a close frame falls back to answers that cost less', async () => {
  const step = await attack('--close');
  expect(step).toMatchObject({ status: 'held', figures: { admitted: 0, perSecond: 24 } });
  expect(step?.figures['byClose']).toBeGreaterThan(0);
  expect(step?.figures['unanswered']).toBeGreaterThan(0);
});

test('[N32] one that answers all of them in spite of its budget is convicted', async () => {
  const step = await attack('--in-front');
  expect(step).toMatchObject({ status: 'broken', figures: { unanswered: 0 } });
});

test('[N38] a server on ws takes no more before its answer than its statistics say', async () => {
  expect(await onlyStep(TALKING, [])).toMatchObject({
    status: 'held',
    figures: { bytes: 16_384, messages: 16, tooLong: 'refused with 413', tooMany: 'refused with 413' },
  });
});

test('[N37] addresses that clients make up are one to a server behind a proxy, and as many to one that believes them', async () => {
  const behind = await onlyStep(FORWARDED, ['--behind-proxy']);
  expect(behind).toMatchObject({ status: 'held', figures: { admitted: 3, more: 1 } });
  expect(await onlyStep(FORWARDED, ['--believes'])).toMatchObject({ status: 'broken', figures: { more: 3 } });
});
